/** How long readings of the processor time are carried on by the other clock, in milliseconds. */
const READ_EVERY_MS = 20

/**
 * A clock of processor time that is cheap to look at: it asks the system every 20 ms, and between goes on with a clock
 * that costs nothing. Never goes back.
 *
 * `readCpuSeconds` is the system's processor time of this process; `milliseconds` a monotonic clock.
 */
export function cpuClock(readCpuSeconds: () => number, milliseconds: () => number): () => number {
  let readAt = milliseconds()
  let read = readCpuSeconds()
  let last = read
  return () => {
    const now = milliseconds()
    if (now - readAt >= READ_EVERY_MS) {
      read = readCpuSeconds()
      readAt = now
    }
    last = Math.max(last, read + (now - readAt) / 1000)
    return last
  }
}
