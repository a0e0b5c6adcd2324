import type { CSINode, CSINodeDriver, Node } from '../api/types.generated.ts'
import { createObject } from './cluster.ts'
import type { NodeStrategy, Operation } from './operations.ts'
import type { WorkloadRun } from './workload-run.ts'

const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins'

/** Amounts of a node without a template. Source: Kubernetes v1.37, test/integration/scheduler_perf/util.go. */
const BASE_AMOUNTS = { cpu: '4', memory: '32Gi', pods: '110' }

/** Creates nodes, each with its hostname as a label and with what the strategy gives it. */
export async function createNodes(
  run: WorkloadRun,
  operation: Operation & { readonly opcode: 'createNodes' },
  opIndex: number,
): Promise<void> {
  const { count, template, templateParams, strategy } = operation
  const make = template === undefined ? undefined : run.templates.of(template)
  for (let index = 0; index < count; index++) {
    const node =
      make === undefined
        ? baseNode(opIndex)
        : (make.make({ ...templateParams, Index: index, Count: count }) as Node)
    const name = node.metadata?.name ?? run.cluster.generateName(node.metadata?.generateName ?? 'node-')
    const labels = { ...node.metadata?.labels, 'kubernetes.io/hostname': name }
    const named = { ...node, metadata: { ...node.metadata, name, labels } }
    if (strategy.kind === 'allocatable') createCsiNode(run, name, strategy)
    createObject(run.cluster, prepared(run, named, strategy, index))
  }
  // The scheduler hears of them before the next operation.
  await run.advance(1)
}

function baseNode(opIndex: number): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { generateName: `node-${opIndex}-` },
    status: {
      capacity: BASE_AMOUNTS,
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }
}

function prepared(run: WorkloadRun, node: Node, strategy: NodeStrategy, index: number): Node {
  switch (strategy.kind) {
    case 'none':
      return node
    case 'label': {
      const value = strategy.values[index % strategy.values.length] ?? ''
      return withLabel(node, strategy.key, value)
    }
    case 'unique-label':
      return withLabel(node, strategy.key, run.cluster.generateUid())
    case 'allocatable': {
      const allocatable = { ...node.status?.capacity, ...node.status?.allocatable, ...strategy.allocatable }
      return { ...node, status: { ...node.status, allocatable } }
    }
  }
}

function withLabel(node: Node, key: string, value: string): Node {
  return { ...node, metadata: { ...node.metadata, labels: { ...node.metadata?.labels, [key]: value } } }
}

function createCsiNode(
  run: WorkloadRun,
  name: string,
  strategy: NodeStrategy & { readonly kind: 'allocatable' },
): void {
  const csiNode: CSINode = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name, annotations: { [MIGRATED_PLUGINS]: strategy.migratedPlugins.join(',') } },
    spec: {
      drivers: Object.entries(strategy.drivers).map(([driver, allocatable]): CSINodeDriver => ({
        name: driver,
        nodeID: name,
        topologyKeys: [],
        allocatable,
      })),
    },
  }
  createObject(run.cluster, csiNode)
}
