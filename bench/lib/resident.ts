import { readFileSync } from "node:fs";

/**
 * The most memory that this process ever had resident, in MiB, with nothing left out: runtime, libraries, garbage.
 *
 * Linux is asked for its high-water mark of this program alone: `getrusage` also counts what the parent had resident
 * while it was starting this process.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export function peakResident(): number {
  const kibibytes = process.platform === "linux" ? highWaterMark() : process.resourceUsage().maxRSS;
  return kibibytes / 1024;
}

function highWaterMark(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]);
}
