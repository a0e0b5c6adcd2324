import { existsSync } from 'node:fs'
import path from 'node:path'

import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import { writeOutput } from '../report/output-file.ts'
import type { CommandIo } from './io.ts'
import type { QuietFlags } from './quiet-flag.ts'
import { QUIET } from './quiet-flag.ts'

const STARTER = `# A stowage scenario. Check it with: stowage validate FILE; run it with: stowage run FILE
# Every field is described in docs/scenario.md; editors complete it by schema/scenario.schema.json.
apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata:
  name: my-scenario        # names the run and results/runs/NAME
spec:
  seed: 1                  # the same seed gives the same bytes
  # until: 2d              # default: until all work is done
  # warmUp: 1h             # left out of the averages
  nodes:
    - template:
        count: 20
        shape: "64:256Gi:110"        # CPU:MEMORY:PODS[:gpu=N]
        zones: [zone-a, zone-b, zone-c]
    # - file: nodes.yaml             # kubectl get nodes -o yaml
  # objects: [app.yaml]              # manifests: Deployments, StatefulSets, Jobs, budgets, ...
  # actions:                         # what somebody does meanwhile, in the words of kubectl
  #   - { at: 2h, setImage: { kind: Deployment, name: web, images: { web: "web:2" } } }
  #   - { at: 4h, drain: { selector: { topology.kubernetes.io/zone: zone-a } } }
  scheduler:
    tieBreak: heap                   # the real rule; random, name and first for comparisons
    # configFile: scheduler.yaml     # an unmodified KubeSchedulerConfiguration v1
    # plugins: [my-plugin.ts]
  workload:
    - trace:
        file: trace.csv              # stowage trace generate --out trace.csv
        format: csv                  # or openb, alibaba2017, google2011, swf, azure2017, philly
  behaviour:
    startup: { lognormal: { median: 2s, sigma: 0.5 } }
    memoryUse: { lognormal: { median: 0.7, sigma: 0.3 } }   # peak over request, where the trace does not say
  eviction:
    hard: { memory.available: 100Mi }
  failures:
    - nodeCrash:
        timeBetweenFailures: { exponential: { mean: 30d } }
        repair: { lognormal: { median: 1h, sigma: 1 } }
    # - zoneOutage: { zone: zone-a, at: 6h, for: 30m }
`

/** Registers `stowage init`. */
export function registerInit(program: Command, io: CommandIo): void {
  program
    .command('init')
    .description('write a commented starter scenario')
    .argument('[file]', 'file to write', 'scenario.yaml')
    .option('--force', 'replace the file if it is there')
    .option(...QUIET)
    .addHelpText('after', '\nExamples:\n  stowage init\n  stowage init zones.yaml --force')
    .action((file: string, flags: QuietFlags & { readonly force?: boolean }) => {
      if (existsSync(file) && flags.force !== true) {
        throw new InputError({ file, message: 'exists already', hint: 'give another name, or --force' })
      }
      writeOutput(file, STARTER)
      if (flags.quiet === true) return
      const trace = path.join(path.dirname(file), 'trace.csv')
      io.stdout.write(`wrote ${file}; next: stowage trace generate --out ${trace} && stowage run ${file}\n`)
    })
}
