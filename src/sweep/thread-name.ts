/** What a thread of a sweep is started with: the program then serves runs, and reads no command line. */
export const UNIT_THREAD = 'stowage/sweep-units'
