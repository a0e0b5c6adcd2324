import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../base/errors.ts'
import { nearestWord } from '../../base/nearest-word.ts'

/** The list of the nodes that the study uses: those with GPUs. */
const NODE_LISTS = ['openb_node_list_gpu_node.csv', 'openb_node_list_gpu_node.csv.gz']
const POD_LIST = /^openb_pod_list_(.+)\.csv(?:\.gz)?$/

/** A list of pods, and what the table calls it. */
export interface StudyWorkload {
  readonly name: string
  readonly file: string
}

/** Where the nodes and the pods of a study are. */
export interface StudyPlaces {
  readonly nodeFile: string
  readonly workloads: readonly StudyWorkload[]
}

/**
 * Finds the lists in a folder of the openb trace. `wanted` are names of variants, as `default,cpu050`, `all` that are there, or
 * paths of files. Throws `InputError` for what is not there.
 */
export function findStudyPlaces(folder: string, wanted: string): StudyPlaces {
  const names = filesOf(folder)
  const nodeList = NODE_LISTS.find((name) => names.includes(name))
  if (nodeList === undefined) {
    throw new InputError({
      file: folder,
      message: `has no ${NODE_LISTS.join(' or ')}`,
      hint: "give the folder of Alibaba's openb trace (cluster-trace-gpu-v2023/csv) with --traces",
    })
  }
  const lists = new Map<string, string>()
  for (const name of names) {
    const variant = POD_LIST.exec(name)?.[1]
    if (variant !== undefined && !lists.has(variant)) lists.set(variant, path.join(folder, name))
  }
  const words = wanted === 'all' ? [...lists.keys()] : wanted.split(',').map((word) => word.trim())
  const workloads = words.map((word): StudyWorkload => {
    const file = lists.get(word)
    return file === undefined ? workloadAt(word, [...lists.keys()]) : { name: word, file }
  })
  const twice = workloads.find(({ name }, index) => workloads.findIndex((one) => one.name === name) < index)
  if (twice !== undefined) throw new InputError({ field: '--workload', message: `has ${twice.name} twice` })
  return { nodeFile: path.join(folder, nodeList), workloads }
}

function filesOf(folder: string): readonly string[] {
  if (existsSync(folder) && statSync(folder).isDirectory()) return readdirSync(folder).toSorted()
  throw new InputError({
    file: folder,
    message: 'is no folder',
    hint: "give the folder of Alibaba's openb trace (cluster-trace-gpu-v2023/csv) with --traces",
  })
}

function workloadAt(file: string, known: readonly string[]): StudyWorkload {
  if (existsSync(file) && statSync(file).isFile()) {
    const base = path.basename(file)
    return { name: POD_LIST.exec(base)?.[1] ?? base.replace(/\.csv(\.gz)?$/, ''), file }
  }
  const nearest = nearestWord(file, known)
  throw new InputError({
    field: '--workload',
    message: `"${file}" is no workload of the folder, and no file`,
    hint: nearest === undefined ? `expected some of ${known.join(', ')}` : `did you mean ${nearest}?`,
  })
}
