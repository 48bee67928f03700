import pc from "picocolors";

import type { Talk } from "./talk.js";

/** Shows on a terminal how long something still takes. */
export interface Countdown extends Disposable {
  /** @param readyAt in seconds since 1970, by the chain's clock */
  begin(readyAt: number): void;
  end(): void;
}

/**
 * A countdown on standard error.
 *
 * @param announcement said once, when it begins
 * @param ahead how far the chain's clock is ahead of the local one, in seconds
 *
 * @example
 * using waiting = countDown(talk, "Announced.", 0);
 * waiting.begin(Date.now() / 1000 + 2);
 */
export function countDown(talk: Talk, announcement: string, ahead: number): Countdown {
  let timer: NodeJS.Timeout | undefined;
  const { stderr } = talk.streams;
  const live = !talk.json && stderr.isTTY === true;
  const end = () => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    stderr.write("\r\x1b[K");
  };
  return {
    begin(readyAt) {
      talk.note(announcement);
      const left = () => Math.max(1, Math.ceil(readyAt - ahead - Date.now() / 1000));
      if (!live) return talk.note(`Waiting ${inWords(left())} for the authority's delay …`);
      const show = () => stderr.write(`\r\x1b[K${pc.dim("Authority's delay:")} ${inWords(left())}`);
      show();
      timer = setInterval(show, 250);
    },
    end,
    [Symbol.dispose]: end,
  };
}

function inWords(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
