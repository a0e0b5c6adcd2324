/** What a thread of a compaction is started with: the program then serves trials, and reads no command line. */
export const TRIAL_THREAD = 'stowage/compaction-trials'
