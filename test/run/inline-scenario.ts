import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { runScenario } from '../../src/run/run.ts'
import type { RunResult } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'

/** A scenario of one node with 4 CPUs, and these objects; `more` are further fields of its spec. */
export function inlineScenario(
  objects: string,
  more = '',
  files: Readonly<Record<string, string>> = {},
): Scenario {
  const directory = temporaryDirectory()
  const spec = `nodes: [{ template: { count: 1, shape: "4:16Gi" } }], objects: [objects.yaml], ${more}`
  const scenario = `{ apiVersion: stowage.dev/v1alpha1, kind: Scenario, metadata: { name: inline }, spec: { ${spec} } }`
  for (const [name, text] of Object.entries({
    ...files,
    'objects.yaml': objects,
    'scenario.yaml': scenario,
  })) {
    writeFileSync(path.join(directory, name), text)
  }
  return loadScenario({ file: path.join(directory, 'scenario.yaml'), overrides: [] })
}

/** Runs a scenario; with a directory it leaves its tables there. */
export async function runInline(scenario: Scenario, directory?: string): Promise<RunResult> {
  const { signal } = new AbortController()
  return runScenario(scenario, { directory, command: [], version: '0', signal })
}
