import type { JsonSchema } from './schema.ts'

const text: JsonSchema = { type: 'string' }
const duration: JsonSchema = { type: ['string', 'number'] }

/** An object by `kind`, `name` and `namespace`, with what a verb needs besides. */
function target(
  description: string,
  properties: Readonly<Record<string, JsonSchema>> = {},
  required: readonly string[] = [],
): JsonSchema {
  return {
    type: 'object',
    description,
    additionalProperties: false,
    properties: {
      kind: { type: 'string', description: 'kind of the object' },
      name: { type: 'string', description: 'name of the object' },
      namespace: { type: 'string', description: 'default by default' },
      ...properties,
    },
    required: ['kind', 'name', ...required],
  }
}

function nodes(
  description: string,
  properties: Readonly<Record<string, JsonSchema>> = {},
  required: readonly string[] = [],
): JsonSchema {
  return {
    ...(required.length === 0 ? {} : { required }),
    type: 'object',
    description,
    additionalProperties: false,
    properties: {
      node: { type: 'string', description: 'name of the node' },
      selector: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'labels of the nodes, instead of a name',
      },
      ...properties,
    },
  }
}

const drain: Readonly<Record<string, JsonSchema>> = {
  gracePeriod: { ...duration, description: "instead of the pods' own grace periods" },
  timeout: { ...duration, description: 'gives a node up after this time; tries on by default' },
  podSelector: { ...text, description: 'labels of the pods that are evicted; all by default' },
  disableEviction: {
    type: 'boolean',
    description: 'deletes pods instead of evicting them: asks no budget; false by default',
  },
  skipWaitForDeleteTimeout: {
    ...duration,
    description: 'waits for no pod that should have been gone for longer; for all by default',
  },
}

const taintKey: JsonSchema = {
  ...text,
  pattern: '^([a-z0-9.-]+/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$',
  description: 'is the key of a taint: node.kubernetes.io/out-of-service',
}
const taintEffect: JsonSchema = {
  enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
  description: 'effect of the taint',
}

/** Schema of an item of `spec.actions`. */
export const ACTION_SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['at'],
  properties: {
    at: { ...duration, description: 'when' },
    apply: { ...text, description: 'manifests to create or to replace, a path relative to the scenario' },
    delete: target('deletes an object', {
      propagationPolicy: {
        enum: ['Background', 'Foreground', 'Orphan'],
        description: 'what becomes of what it owns; Background by default',
      },
    }),
    scale: target(
      'changes the replicas of a workload',
      { replicas: { type: 'integer', minimum: 0, description: 'how many are wanted from now on' } },
      ['replicas'],
    ),
    setImage: target(
      'changes images of a workload: a rollout',
      { images: { type: 'object', additionalProperties: text, description: 'images by container name' } },
      ['images'],
    ),
    restart: target('makes all pods of a workload anew: a rollout'),
    pause: target('pauses the rollout of a Deployment'),
    resume: target('goes on with the rollout of a Deployment'),
    undo: target('takes a workload back to an earlier revision', {
      toRevision: { type: 'integer', minimum: 0, description: 'the one before by default' },
    }),
    cordon: nodes('lets no more pods onto nodes'),
    uncordon: nodes('lets pods onto nodes again'),
    taint: nodes(
      'puts a taint on nodes',
      { key: taintKey, value: { ...text, description: 'value of the taint' }, effect: taintEffect },
      ['key', 'effect'],
    ),
    untaint: nodes(
      'takes a taint off nodes',
      {
        key: taintKey,
        effect: { ...taintEffect, description: 'only with this effect; with any by default' },
      },
      ['key'],
    ),
    drain: nodes('cordons nodes and evicts their pods, as kubectl drain does', {
      ...drain,
      uncordonAfter: { ...duration, description: 'how long an empty node stays so; for good by default' },
      nodesMax: { type: 'integer', minimum: 1, description: 'nodes drained at a time; 1 by default' },
    }),
    upgrade: {
      ...nodes('drains nodes, takes them down and up again, and uncordons them, some at a time', {
        ...drain,
        nodesMax: {
          oneOf: [
            { type: 'integer', minimum: 1 },
            {
              type: 'string',
              pattern: '^(100|[1-9]?[0-9])%$',
              description: 'is a percentage from 0% to 100%',
            },
          ],
          description:
            'nodes out of service at a time, or a percentage, rounded down, at least 1; 1 by default',
        },
        for: { type: ['string', 'number', 'object'], description: 'distribution: how long a node is down' },
        readyTimeout: {
          ...duration,
          description: 'longest wait for a node to be Ready after it was down; 10m by default',
        },
        kubeletVersion: { ...text, description: 'version of the kubelet afterwards' },
        kernelVersion: { ...text, description: 'version of the kernel afterwards' },
        osImage: { ...text, description: 'operating system afterwards' },
        containerRuntimeVersion: { ...text, description: 'container runtime afterwards: containerd://2.2.0' },
      }),
      required: ['for'],
    },
  },
}
