import type { ComponentChildren } from 'preact';
import type { Seen } from '../feed/picture-age.ts';
import { dateAndTime } from '../format.ts';
import { ownSiteFaults, placeOf, problemsOf } from '../problems/problems.ts';
import { ClockCard } from './clock-card.tsx';
import { CommandCard } from './command-card.tsx';
import { InstrumentCard } from './instrument-card.tsx';
import { useWords } from './language-context.ts';
import { LinkCard } from './link-card.tsx';
import { NewNodes } from './nodes/new-nodes.tsx';
import { NodeCard } from './nodes/node-card.tsx';
import { SiteFaults } from './site-faults.tsx';
import { Status } from './status.tsx';
import { StoreCard } from './store-card.tsx';
import { UplinkCard } from './uplink-card.tsx';

/** The whole picture, most urgent first. */
export function PicturePage({ seen }: { seen: Seen }) {
  const { words, language } = useWords();
  const { gateway, instruments, links, nodes, uplinks } = seen.picture;
  const siteFaults = ownSiteFaults(seen.picture);
  return (
    <main class={seen.lost ? 'lost' : ''}>
      <Status seen={seen} problems={problemsOf(seen, words, language)} />
      {siteFaults.length === 0 ? null : (
        <section id={placeOf.site}>
          <h2>{words.siteFaults}</h2>
          <div class="card">
            <SiteFaults faults={siteFaults} />
          </div>
        </section>
      )}
      <Section title={words.instruments} empty={instruments.length === 0 ? words.noInstruments : null}>
        {instruments.map((instrument) => (
          <InstrumentCard key={instrument.id} instrument={instrument} seen={seen} />
        ))}
      </Section>
      {links.every(({ kind }) => kind !== 'nodes') && nodes.length === 0 ? null : (
        <Section title={words.nodes.title} empty={hasNodes(seen) ? null : words.adoption.none}>
          <NewNodes seen={seen} />
          {nodes.map((node) => (
            <NodeCard key={node.id} node={node} seen={seen} />
          ))}
        </Section>
      )}
      <Section title={words.uplinksAndStore} empty={uplinks.length === 0 ? words.noUplinks : null}>
        {uplinks.map((uplink) => (
          <UplinkCard key={uplink.id} uplink={uplink} seen={seen} />
        ))}
        <StoreCard seen={seen} />
        <CommandCard seen={seen} />
        <ClockCard seen={seen} />
      </Section>
      <Section title={words.links} empty={null}>
        {links.map((link) => (
          <LinkCard key={link.id} link={link} lost={seen.lost} />
        ))}
      </Section>
      <footer>
        <p>{words.version(gateway.version, gateway.site)}</p>
        {gateway.fingerprint && <p class="fingerprint">{words.fingerprint(gateway.fingerprint)}</p>}
        <p>
          {words.runningSince(dateAndTime(gateway.startedAt))} · {gateway.area} · {gateway.timezone}
        </p>
      </footer>
    </main>
  );
}

function hasNodes({ picture: { nodes, links } }: Seen): boolean {
  return nodes.length > 0 || links.some((link) => (link.nodes?.fresh.length ?? 0) > 0);
}

function Section({ title, empty, children }: { title: string; empty: string | null; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {empty === null ? null : <p class="empty">{empty}</p>}
      <div class="cards">{children}</div>
    </section>
  );
}
