/** What a process costs so far, from its start. Given by whoever runs a benchmark: nothing below asks a clock. */
export interface ProcessMeters {
  /** Processor time, user and system, all threads. */
  readonly cpuSeconds: () => number
  readonly wallSeconds: () => number
  /** Largest resident memory. */
  readonly peakRssBytes: () => number
  /** Resident memory now. */
  readonly rssBytes: () => number
  /** Memory that is in use after garbage was collected: heap and what buffers hold. */
  readonly liveBytes: () => number
}
