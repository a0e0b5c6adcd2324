/** What a thread of a study is started with: the program then makes its runs, and reads no command line. */
export const STUDY_THREAD = 'stowage/fgd-study'
