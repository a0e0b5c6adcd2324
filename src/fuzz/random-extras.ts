import type { Draws, Value } from './draws.ts'
import { IMAGES, randomPodSpec } from './random-pod.ts'

const DRIVER = 'gpu.example.com'
const DEVICE_CLASS = 'gpu'

/** Objects that few clusters have, with the feature gates without which they mean nothing. */
export interface Extras {
  readonly objects: readonly Value[]
  readonly featureGates: Readonly<Record<string, boolean>>
}

/** Gangs, devices, and volumes that lie on a node: each in some clusters only. */
export function randomExtras(draws: Draws, nodes: readonly string[]): Extras {
  const hasGangs = draws.isSo(0.15)
  return {
    objects: [
      ...(hasGangs ? draws.many(1, 2, (index) => gang(draws, `gang-${index}`)).flat() : []),
      ...(draws.isSo(0.15) ? devices(draws, nodes) : []),
      ...(draws.isSo(0.15) ? localVolumes(draws, nodes) : []),
      ...(draws.isSo(0.1) ? [replicaSet(draws)] : []),
    ],
    featureGates: hasGangs ? { GenericWorkload: true } : {},
  }
}

/** A PodGroup and its pods, some more or fewer than it needs. */
function gang(draws: Draws, name: string): readonly Value[] {
  const size = draws.between(2, 4)
  const minCount = Math.max(1, size + draws.of([-1, 0, 0, 1]))
  const schedulingPolicy = draws.isSo(0.8) ? { gang: { minCount } } : { basic: {} }
  const group = {
    apiVersion: 'scheduling.k8s.io/v1beta1',
    kind: 'PodGroup',
    metadata: { name },
    spec: { schedulingPolicy },
  }
  const { priorityClassName: _own, ...spec } = randomPodSpec(draws, name)
  const pods = Array.from({ length: size }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-${index}`, labels: { app: name } },
    spec: { ...spec, schedulingGroup: { podGroupName: name } },
  }))
  return [group, ...pods]
}

/** Devices on some of the nodes, and a Deployment whose pods each claim one. */
function devices(draws: Draws, nodes: readonly string[]): readonly Value[] {
  const slices = nodes.slice(0, draws.between(1, nodes.length)).map((node) => ({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: `${node}-devices` },
    spec: {
      driver: DRIVER,
      nodeName: node,
      pool: { name: node, generation: 1, resourceSliceCount: 1 },
      devices: draws.many(1, 2, (index) => ({ name: `gpu-${index}` })),
    },
  }))
  const app = 'trained'
  const claim = { name: 'gpu', resourceClaimTemplateName: 'one-gpu' }
  const container = {
    name: 'main',
    image: draws.of(IMAGES),
    resources: { requests: { cpu: '200m' }, claims: [{ name: claim.name }] },
  }
  return [
    {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'DeviceClass',
      metadata: { name: DEVICE_CLASS },
      spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }] },
    },
    ...slices,
    {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaimTemplate',
      metadata: { name: 'one-gpu', namespace: 'default' },
      spec: {
        spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: DEVICE_CLASS } }] } },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: app },
      spec: {
        replicas: draws.between(1, 4),
        selector: { matchLabels: { app } },
        template: {
          metadata: { labels: { app } },
          spec: { ...randomPodSpec(draws, app, { resourceClaims: [claim] }), containers: [container] },
        },
      },
    },
  ]
}

/** Volumes on nodes, and bare pods with claims for them: a pod goes where its volume lies. */
function localVolumes(draws: Draws, nodes: readonly string[]): readonly Value[] {
  const storageClassName = 'local'
  const accessModes = ['ReadWriteOnce']
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: storageClassName },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  }
  const volumes = draws.many(1, 3, (index) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `disk-${index}` },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes,
      storageClassName,
      local: { path: `/disks/${index}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [isOn(draws.of(nodes))] }] } },
    },
  }))
  const pods = draws.many(1, 3, (index) => [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: `data-${index}`, namespace: 'default' },
      spec: { accessModes, storageClassName, resources: { requests: { storage: '5Gi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `reader-${index}`, labels: { app: 'reader' } },
      spec: randomPodSpec(draws, 'reader', {
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `data-${index}` } }],
      }),
    },
  ])
  return [storageClass, ...volumes, ...pods.flat()]
}

function isOn(node: string): Value {
  return { key: 'kubernetes.io/hostname', operator: 'In', values: [node] }
}

/** One that no Deployment made. */
function replicaSet(draws: Draws): Value {
  const app = 'plain'
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: app },
    spec: {
      replicas: draws.between(0, 4),
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: randomPodSpec(draws, app) },
    },
  }
}
