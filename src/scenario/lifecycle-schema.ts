import { BEHAVIOUR_FIELDS } from '../api/container-behaviour.ts'
import type { BehaviourField } from '../api/container-behaviour.ts'
import { count, distribution, duration, labels, object } from './schema-parts.ts'
import type { JsonSchema } from './schema-parts.ts'

const amount: JsonSchema = { type: ['string', 'number'] }

/** What each field of a behaviour says. */
const BEHAVIOUR: Readonly<Record<BehaviourField, JsonSchema>> = {
  duration: { ...distribution, description: 'how long it runs; for ever by default' },
  checkpointInterval: {
    ...distribution,
    description: 'work between two checkpoints, the last of which the next run goes on from; none by default',
  },
  exitCode: {
    type: ['integer', 'string', 'array'],
    description: 'exit codes of its runs in turn, the last one stays; 0 by default',
  },
  cpu: {
    ...distribution,
    description: 'cores that it wants: a quantity, a distribution, or steps 0s=1, 30s=2',
  },
  memory: { ...distribution, description: 'bytes in use, in the same forms; by memoryUse by default' },
  memoryLeak: { type: ['string', 'number'], description: 'growth of its memory besides, such as 10Mi/m' },
  disk: { ...distribution, description: 'bytes on the disk of the node, in the same forms' },
  resample: { ...duration, description: 'how often uses are drawn anew; only at starts by default' },
  timeToReady: { ...distribution, description: 'from its start until its probes succeed; 0 by default' },
  startupFails: { type: ['string', 'array'], description: 'when startup probes fail: 30s-60s, 2m-' },
  livenessFails: {
    type: ['string', 'array'],
    description: 'when liveness probes fail, counted from its start',
  },
  readinessFails: { type: ['string', 'array'], description: 'when readiness probes fail' },
  probeLatency: { ...duration, description: 'time that a probe takes; one beyond its timeout fails' },
  terminationTime: { ...distribution, description: 'from SIGTERM until it ends; behaviour.stop by default' },
  terminationExitCode: { ...count, description: 'exit code when it ends on SIGTERM; 143 by default' },
  postStart: { ...distribution, description: 'time of its postStart hook; 0 by default' },
  preStop: { ...distribution, description: 'time of its preStop hook; 0 by default' },
}

/** `spec.behaviour.rules`. */
export const behaviourRules: JsonSchema = {
  type: 'array',
  description: 'how containers of selected pods behave; later rules win, and annotations win over rules',
  items: object(
    {
      selector: object({
        matchLabels: { ...labels, description: 'labels that the pods have' },
        matchExpressions: { type: 'array', description: 'requirements on labels, as in Kubernetes' },
      }),
      namespace: { type: 'string', description: 'namespace of the pods; all by default' },
      container: { type: 'string', description: 'name of the container; the regular ones by default' },
      ...Object.fromEntries(BEHAVIOUR_FIELDS.map((field) => [field, BEHAVIOUR[field]])),
    },
    ['selector'],
  ),
}

/** `spec.kubelet`. */
export const kubeletSettings: JsonSchema = object({
  serializeImagePulls: { type: 'boolean', description: 'one image pull at a time; true by default' },
  maxParallelImagePulls: {
    type: 'integer',
    minimum: 1,
    description: 'most pulls at a time when they are not serial',
  },
  registryPullQPS: { ...count, description: 'pulls a second; 0 is no limit; 5 by default' },
  registryBurst: { ...count, description: 'pulls at once; 10 by default' },
  imageMinimumGCAge: { ...duration, description: 'images younger than this stay; 2m by default' },
  imageGCHighThresholdPercent: {
    ...count,
    description: 'disk use from which images are removed; 85 by default',
  },
  imageGCLowThresholdPercent: { ...count, description: 'disk use down to which they are; 80 by default' },
  crashLoopBackOff: object({
    maxContainerRestartPeriod: { ...duration, description: 'longest wait of a crash loop; 5m by default' },
  }),
})

/** `spec.images`. */
export const imageSettings: JsonSchema = {
  ...object({
    defaultSize: { ...amount, description: 'bytes of an image that nothing is said of; 117M by default' },
    sizes: { type: 'object', additionalProperties: amount, description: 'bytes of images by name' },
    layers: {
      type: 'object',
      additionalProperties: {
        type: 'array',
        items: object({ digest: { type: 'string' }, size: amount }, ['digest', 'size']),
      },
      description: 'layers of images by name, each with digest and size, in place of sizes',
    },
    bandwidth: { ...amount, description: 'bytes a second that a node gets from registries; 125M by default' },
    latency: { ...duration, description: 'time until a registry answers; 500ms by default' },
    unavailable: {
      type: 'array',
      description: 'images that cannot be pulled',
      items: object(
        {
          image: { type: 'string', description: 'name of the image' },
          from: { ...duration, description: 'since when; the start by default' },
          to: { ...duration, description: 'until when; for ever by default' },
        },
        ['image'],
      ),
    },
    disk: {
      ...amount,
      description: "bytes for images on each node; the node's ephemeral storage by default",
    },
  }),
  description: 'pulls of images; without it every node has every image',
}

/** `spec.runtimes`. */
export const runtimeSettings: JsonSchema = {
  type: 'object',
  additionalProperties: object({
    sandbox: { ...distribution, description: 'time of a sandbox beside behaviour.startup' },
    container: { ...distribution, description: 'time to start one container; 0 by default' },
  }),
  description: 'times of container runtimes by handler of a RuntimeClass: sandbox, container',
}
