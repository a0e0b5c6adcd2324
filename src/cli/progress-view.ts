import type { CommandIo } from './io.ts'
import type { ProgressView } from './progress.ts'

const NOTHING: ProgressView = { update: () => undefined, stop: () => undefined }

/** Shows how far a run is, where that is wanted: what shows it is loaded only then. */
export async function progressView(io: CommandIo, isWanted: boolean): Promise<ProgressView> {
  return isWanted ? (await import('./progress.ts')).shownProgress(io) : NOTHING
}
