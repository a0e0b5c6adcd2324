import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { CORE_SCHEMA, boolYaml11Tag, floatYaml11Tag, intYaml11Tag, loadAll, mergeTag } from 'js-yaml'

import { parseShape } from '../api/node-shape.ts'
import type { NodeShape } from '../api/node-shape.ts'
import { bytesText, milliText } from '../api/quantity.ts'
import type { Node, NodeStatus, ObjectMeta } from '../api/types.generated.ts'
import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'
import { exportedObjects, isSimulatorExport } from './simulator-export.ts'

/** An object of a manifest, before anything is known of its kind. */
export interface Manifest {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: ObjectMeta
}

/** YAML as the API server reads it: 1.1 words for booleans and numbers, merge keys, no dates. */
const KUBERNETES_YAML = CORE_SCHEMA.withTags([boolYaml11Tag, intYaml11Tag, floatYaml11Tag, mergeTag])

const MEBIBYTE = 1024 * 1024
const DEFAULT_PODS = 110
const DEFAULT_ZONES = ['zone-a', 'zone-b', 'zone-c']
const OPENB_COLUMNS = ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model']

/** Reads the nodes of a file: openb's list, or Node objects of manifests (`kubectl get nodes -o yaml`). */
export function readNodeList(file: string, format: 'openb' | 'kubernetes'): Node[] {
  if (format === 'openb') return readOpenbNodes(file)
  const nodes = readManifests(file).filter((object): object is Node => object.kind === 'Node')
  if (nodes.length > 0) return nodes.map((node) => withoutServerFields(node))
  throw new InputError({
    file,
    message: 'there is no Node in it',
    hint: 'expected the output of kubectl get nodes -o yaml',
  })
}

/** All objects of a file of manifests: YAML with several documents, or JSON; Lists are taken apart. */
export function readManifests(file: string): Manifest[] {
  return parseManifests(readText(file), file)
}

/** As `readManifests`, of a text that is at hand; `file` names it in errors. */
export function parseManifests(text: string, file: string): Manifest[] {
  return readYaml(text, file).flatMap((document, index) =>
    manifestsOf(document, file, `document ${index + 1}`),
  )
}

/** The documents of a YAML or JSON text, read as the API server reads them. Throws `InputError` with the line. */
export function readYaml(text: string, file: string): unknown[] {
  try {
    return loadAll(text, { schema: KUBERNETES_YAML, filename: file }) as unknown[]
  } catch (error) {
    const { mark, reason } = error as { mark?: { line: number; column: number }; reason?: string }
    const place = mark === undefined ? {} : { line: mark.line + 1, column: mark.column + 1 }
    throw new InputError({ file, ...place, message: reason ?? String(error) })
  }
}

/**
 * Equal nodes by a shape: `COUNTxCPU:MEMORY[:PODS][:gpu=N]`, as `5000x64:256Gi:110`; 110 pods by default.
 *
 * Names are the prefix (`node`) and a number padded with zeros; nodes go to the zones in turn.
 */
export function parseNodeShape(
  text: string,
  options: { readonly namePrefix?: string; readonly zones?: readonly string[] } = {},
): Node[] {
  const match = /^(\d+)x(.*)$/.exec(text)
  const count = Number(match?.[1] ?? 0)
  if (match === null || count < 1) {
    throw new InputError({
      field: '--nodes',
      message: `"${text}" is no shape of nodes`,
      hint: 'expected COUNTxCPU:MEMORY[:PODS][:gpu=N], such as 100x64:256Gi:110',
    })
  }
  const status = statusOf(parseShape(match[2] ?? '', '--nodes'))
  const zones = options.zones ?? DEFAULT_ZONES
  const digits = String(count - 1).length
  return Array.from({ length: count }, (_, index) => {
    const name = `${options.namePrefix ?? 'node'}-${String(index).padStart(digits, '0')}`
    const zone = zones.length === 0 ? undefined : zones[index % zones.length]
    return makeNode(name, zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }, status)
  })
}

/** Labels that the kubelet of a usual machine puts on its node (kubelet v1.37, `initialNode`). */
function platformLabels(name: string): Readonly<Record<string, string>> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
  }
}

function makeNode(name: string, labels: Readonly<Record<string, string>>, status: NodeStatus): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...platformLabels(name), ...labels } },
    status,
  }
}

/** What a node of a shape has, for all nodes of it. */
function statusOf(shape: NodeShape): NodeStatus {
  const amounts: Record<string, string> = {
    cpu: milliText(shape.cpu),
    memory: bytesText(shape.memory),
    pods: String(shape.pods),
  }
  if (shape.gpus > 0) {
    amounts['nvidia.com/gpu'] = String(shape.gpus)
    amounts['stowage.dev/gpu-milli'] = String(shape.gpus * 1000)
  }
  return {
    capacity: amounts,
    allocatable: amounts,
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
  }
}

/** `sn,cpu_milli,memory_mib,gpu,model`: Alibaba's openb node list. */
function readOpenbNodes(file: string): Node[] {
  const lines = readText(file).split(/\r?\n/)
  if (lines[0] !== OPENB_COLUMNS.join(',')) {
    throw new InputError({
      file,
      line: 1,
      message: 'the header is not of an openb node list',
      hint: `expected ${OPENB_COLUMNS.join(',')}`,
    })
  }
  const statuses = new Map<string, NodeStatus>()
  return lines.slice(1).flatMap((line, index) => {
    if (line === '') return []
    const cells = line.split(',')
    const place = { file, line: index + 2 }
    if (cells.length !== OPENB_COLUMNS.length) {
      throw new InputError({ ...place, message: `${cells.length} columns; expected ${OPENB_COLUMNS.length}` })
    }
    const number = (column: number): number => {
      const value = Number(cells[column])
      if (cells[column] !== '' && Number.isFinite(value) && value >= 0) return value
      throw new InputError({
        ...place,
        column: column + 1,
        field: OPENB_COLUMNS[column] ?? '',
        message: `is "${cells[column] ?? ''}"; expected a number from 0 on`,
      })
    }
    const model = cells[4] ?? ''
    const key = `${cells[1]},${cells[2]},${cells[3]}`
    let status = statuses.get(key)
    if (status === undefined) {
      status = statusOf({
        cpu: number(1),
        memory: number(2) * MEBIBYTE,
        pods: DEFAULT_PODS,
        gpus: number(3),
      })
      statuses.set(key, status)
    }
    return [makeNode(cells[0] ?? '', model === '' ? {} : { 'stowage.dev/gpu-model': model }, status)]
  })
}

/** The objects of a document; Lists are taken apart. `file` and `place` name it in errors. */
export function manifestsOf(document: unknown, file: string, place: string): Manifest[] {
  if (document === null || document === undefined) return []
  if (typeof document !== 'object' || Array.isArray(document)) {
    throw new InputError({ file, field: place, message: 'is no object' })
  }
  const object = document as Manifest & { readonly items?: readonly unknown[] }
  if (object.kind === undefined && isSimulatorExport(object)) {
    return exportedObjects(object).flatMap((item) => manifestsOf(item, file, place))
  }
  if (object.kind === undefined)
    throw new InputError({ file, field: `${place}: kind`, message: 'is missing' })
  if (typeof object.kind !== 'string') {
    throw new InputError({
      file,
      field: `${place}: kind`,
      message: `is ${JSON.stringify(object.kind)}; expected text`,
    })
  }
  if (!object.kind.endsWith('List') || object.items === undefined) return [object]
  return object.items.flatMap((item, index) =>
    manifestsOf(withKind(item, object.kind ?? ''), file, `${place}, item ${index + 1}`),
  )
}

/** Items of a typed list (`NodeList`) have no kind of their own. */
function withKind(item: unknown, listKind: string): unknown {
  const kind = listKind.slice(0, -'List'.length)
  return typeof item === 'object' && item !== null && !('kind' in item) && kind !== ''
    ? { ...item, kind }
    : item
}

/** What a server wrote of another cluster's history means nothing here. */
function withoutServerFields(node: Node): Node {
  const { resourceVersion: _version, uid: _uid, managedFields: _fields, ...metadata } = node.metadata ?? {}
  return { ...node, metadata }
}

/** Text of a file, gzip'd or not. Throws `InputError` when it cannot be read. */
export function readText(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch {
    throw unreadable(file)
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8')
  try {
    return gunzipSync(bytes).toString('utf8')
  } catch {
    throw new InputError({ file, message: 'the gzip data is cut short or damaged' })
  }
}
