/** Name, size and sum. */
export type FileEntry = [string, number, string];

/** A firmware as the gateway offers it. */
export interface Offer {
  version: string;
  files: FileEntry[];
}

/** What was fetched of it goes. */
export function removeNew(offer: Offer): void {
  let index = 0;
  while (index < offer.files.length) {
    file.remove(`${(offer.files[index] as FileEntry)[0]}.new`);
    index += 1;
  }
}
