import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { shared } from '../shared-data.ts'

/** One recorded case of a family: what went in, and what came out of Kubernetes. */
export interface LogicCase<Input, Expected> {
  readonly id: string
  readonly input: Input
  readonly expected: Expected
}

/** All cases of a family of `vectors-logic`. */
export function logicCases<Input, Expected>(family: string): readonly LogicCase<Input, Expected>[] {
  const text = gunzipSync(readFileSync(shared('vectors-logic', `${family}.jsonl.gz`))).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogicCase<Input, Expected>)
}
