import type { LinkFaultPicture, LinkPicture } from '../../../http/picture.ts';

/** Why a line is closed, and what to do: the same fault means something else on each kind of link. */
export type LinkFaultWords = Readonly<Record<LinkPicture['kind'], Readonly<Record<LinkFaultPicture['kind'], string>>>>;
