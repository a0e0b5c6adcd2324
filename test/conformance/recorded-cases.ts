import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import type { RecordedCase } from '../../src/conformance/judge/judge-case.ts'

/** A recorded case with the name that results are filed under. */
export interface NamedCase extends RecordedCase {
  readonly id: string
}

/** All cases of a file of recorded logic. */
export function readCases(file: string): readonly NamedCase[] {
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as NamedCase)
}
