import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { chooseWorkloads, runSchedulerPerf } from '../../src/benchmark/scheduler-perf.ts'
import type { WorkloadResult } from '../../src/benchmark/run-workload.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'

/** Templates that tests share, by file name. */
const TEMPLATES: Readonly<Record<string, string>> = {
  'pod.yaml':
    'kind: Pod\nmetadata: {generateName: pod-}\nspec:\n  terminationGracePeriodSeconds: 0\n' +
    '  containers: [{name: c, resources: {requests: {cpu: 500m}}}]\n',
  'named-pod.yaml':
    'kind: Pod\nmetadata: {name: "pod-{{.Index}}", labels: {type: "{{.type}}"}}\n' +
    'spec: {containers: [{name: c}]}\n',
  'gated-pod.yaml':
    'kind: Pod\nmetadata: {name: "pod-{{.Index}}", labels: {type: gated}}\n' +
    'spec: {schedulingGates: [{name: wait}], containers: [{name: c}]}\n',
  'freed-pod.yaml':
    'kind: Pod\nmetadata: {name: "pod-{{.Index}}", labels: {type: gated}}\nspec: {containers: [{name: c}]}\n',
  'finalizer-pod.yaml':
    'kind: Pod\nmetadata: {generateName: pod-, finalizers: [a/b]}\nspec: {containers: [{name: c}]}\n',
  'large-pod.yaml':
    'kind: Pod\nmetadata: {generateName: large-}\nspec: {containers: [{name: c, resources: {requests: {cpu: 99}}}]}\n',
  'node.yaml':
    'kind: Node\nmetadata: {name: "node-{{.Index}}"}\n' +
    'status: {capacity: {cpu: "1", memory: 1Gi, pods: "10"}, conditions: [{type: Ready, status: "True"}]}\n',
  'large-node.yaml':
    'kind: Node\nmetadata: {name: "node-{{.Index}}"}\n' +
    'status: {capacity: {cpu: "200", memory: 1Gi, pods: "10"}, conditions: [{type: Ready, status: "True"}]}\n',
  'namespace.yaml': 'kind: Namespace\nmetadata: {labels: {team: devops}}\n',
  'service.yaml': 'kind: Service\nmetadata: {generateName: service-}\nspec: {selector: {app: foo}}\n',
  'claim.yaml':
    'kind: ResourceClaim\nmetadata: {name: "claim-{{.Index}}"}\n' +
    'spec: {devices: {requests: [{name: r, exactly: {deviceClassName: test}}]}}\n',
  'group.yaml':
    'kind: PodGroup\nmetadata: {name: "gang-{{.Index}}"}\nspec: {schedulingPolicy: {gang: {minCount: "{{.min}}"}}}\n',
  'volume.yaml':
    'kind: PersistentVolume\nspec: {accessModes: [ReadOnlyMany], capacity: {storage: 1Gi}, csi: {driver: d}}\n',
  'volume-claim.yaml':
    'kind: PersistentVolumeClaim\nmetadata: {annotations: {pv.kubernetes.io/bind-completed: "true"}}\n' +
    'spec: {accessModes: [ReadOnlyMany], resources: {requests: {storage: 1Gi}}}\n',
}

/** Writes a configuration of one case with one workload beside the templates; returns its file. */
export function perfConfig(operations: string, workload = '{name: small, labels: [short]}'): string {
  const directory = path.join(temporaryDirectory(), 'topic')
  mkdirSync(directory)
  for (const [name, text] of Object.entries(TEMPLATES)) writeFileSync(path.join(directory, name), text)
  const file = path.join(directory, 'performance-config.yaml')
  const indented = operations.trim().replaceAll('\n', '\n    ')
  writeFileSync(
    file,
    `- name: Case\n  defaultPodTemplatePath: pod.yaml\n  workloadTemplate:\n    ${indented}\n  workloads:\n    - ${workload}\n`,
  )
  return file
}

/** Runs the one workload of such a configuration, with clocks that stand still. */
export async function runPerf(operations: string, workload?: string): Promise<WorkloadResult> {
  const chosen = chooseWorkloads({ places: [perfConfig(operations, workload)], labels: '' })
  const { results } = await runSchedulerPerf(chosen, {
    cycleTime: '10ms',
    kubernetesVersion: '1.37',
    seed: '1',
    uniqueSignatures: false,
    report: undefined,
    cpuSeconds: () => 0,
    milliseconds: () => 0,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })
  const [result] = results
  if (result === undefined) throw new Error('nothing was run')
  return result
}
