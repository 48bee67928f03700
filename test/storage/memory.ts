import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Watches how many bytes of buffers this process holds beyond what it holds now, garbage apart. */
export function watchMemory(): { peak: () => number } {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const held = (): number => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const before = held();
  let peak = 0;
  let watching: NodeJS.Timeout;
  const look = (): void => {
    const started = performance.now();
    peak = Math.max(peak, held() - before);
    // A large heap takes long to look through: at most a third of the time goes into that.
    watching = setTimeout(look, Math.max(50, 2 * (performance.now() - started)));
  };
  watching = setTimeout(look, 50);
  return {
    peak() {
      clearTimeout(watching);
      return peak;
    },
  };
}
