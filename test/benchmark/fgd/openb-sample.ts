import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { sfc32 } from '../../../src/base/sfc32.ts'

/** Sizes of a made-up trace in the form of openb. */
export interface SampleSize {
  readonly nodes: number
  readonly pods: number
}

const SHAPES = ['96000,393216,8,G2', '32000,131072,4,V100M16', '16000,122880,2,P100', '64000,262144,2,T4']
const REQUESTS = [
  '4000,8192,1,300,',
  '6000,12288,1,460,',
  '8000,16384,1,1000,',
  '8000,30720,1,1000,P100|T4',
  '16000,65536,2,1000,',
  '12000,49152,0,0,',
  '3152,3600,1,810,G2',
  '64000,131072,8,1000,',
]

/** Writes a node list and a pod list of generated data into a folder; equal sizes give equal files. */
export function writeOpenbSample(folder: string, size: SampleSize = { nodes: 30, pods: 160 }): void {
  const draw = sfc32(2023)
  const one = (list: readonly string[]): string => list[Math.floor(draw() ** 3 * list.length)] ?? ''
  const named = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`)
  const nodes = named('node', size.nodes).map((name) => `${name},${one(SHAPES)}`)
  const pods = named('pod', size.pods).map((name) => `${name},${one(REQUESTS)},LS,Running,0,9,0`)
  const nodeHeader = 'sn,cpu_milli,memory_mib,gpu,model'
  const podHeader =
    'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time'
  writeFileSync(path.join(folder, 'openb_node_list_gpu_node.csv'), `${[nodeHeader, ...nodes].join('\n')}\n`)
  writeFileSync(path.join(folder, 'openb_pod_list_small.csv'), `${[podHeader, ...pods].join('\n')}\n`)
}
