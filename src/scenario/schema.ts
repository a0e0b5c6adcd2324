import { ACTION_SCHEMA } from './action-schema.ts'
import { controlPlaneSchema } from './control-plane.ts'
import { attachmentSettings } from './attachments.ts'
import { cloudSettings } from './cloud.ts'
import { failureSchema } from './failures/index.ts'
import { KUBERNETES_VERSIONS } from './feature-gates.ts'
import { behaviourRules, imageSettings, kubeletSettings, runtimeSettings } from './lifecycle-schema.ts'
import { repairSettings } from './repair.ts'
import { SIGNALS, TABLE_FORMATS, TRACE_FORMATS } from './scenario.ts'
import { count, distribution, duration, labels, object } from './schema-parts.ts'
import { SCHEDULING_POLICIES, TIE_BREAKS } from './scheduling-policies.ts'
import type { JsonSchema } from './schema-parts.ts'

export type { JsonSchema } from './schema-parts.ts'

const factor: JsonSchema = { type: 'number', exclusiveMinimum: 0 }
const strings: JsonSchema = { type: 'array', items: { type: 'string' } }
const threshold: JsonSchema = {
  type: ['string', 'number'],
  description: 'a quantity such as 100Mi, or a share such as 5%',
}

const quantity: JsonSchema = { type: ['string', 'number'] }
const quantities: JsonSchema = { type: 'object', additionalProperties: quantity }

/** A field for each signal of the eviction manager. */
function bySignal(field: JsonSchema, describe: (signal: string) => string): Record<string, JsonSchema> {
  return Object.fromEntries(SIGNALS.map((signal) => [signal, { ...field, description: describe(signal) }]))
}

const nodeTemplate = object(
  {
    count: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'how many equal nodes' },
    shape: { type: 'string', description: 'CPU:MEMORY[:PODS][:gpu=N], such as 64:256Gi:110' },
    namePrefix: { type: 'string', description: 'names are this and a number; node by default' },
    labels: { ...labels, description: 'labels of each node, besides hostname and zone' },
    taints: {
      type: 'array',
      items: object({ key: { type: 'string' }, value: { type: 'string' }, effect: { type: 'string' } }, [
        'key',
        'effect',
      ]),
      description: 'taints of each node',
    },
    zones: {
      ...strings,
      description: 'zones that the nodes go to in turn; zone-a, zone-b, zone-c by default',
    },
    pricePerHour: {
      type: 'number',
      minimum: 0,
      description: 'what each node costs an hour, in any currency: the summary then has a cost',
    },
    disk: {
      ...quantity,
      description: 'bytes of the disk of each node (ephemeral-storage); unknown by default',
    },
    inodes: { ...quantity, description: 'inodes of that disk; unknown by default' },
    imageDisk: {
      ...quantity,
      description: 'bytes of a disk of their own for images and layers of containers; none by default',
    },
    imageInodes: { ...quantity, description: 'inodes of that disk; unknown by default' },
    pids: { ...quantity, description: 'how many processes each node can have; unknown by default' },
    kubeReserved: {
      ...quantities,
      description: 'cpu, memory, ephemeral-storage kept from pods for Kubernetes; none by default',
    },
    systemReserved: { ...quantities, description: 'the same for the system; none by default' },
  },
  ['count', 'shape'],
)

const trace = object(
  {
    file: { type: 'string', description: 'path, relative to the scenario' },
    format: { enum: [...TRACE_FORMATS], description: 'native format of the trace' },
    from: { ...duration, description: 'arrivals before this instant are dropped; it becomes 0' },
    limit: { ...count, description: 'most tasks taken' },
    scale: { ...factor, description: 'share of the tasks taken, or how often each is; 1 by default' },
    timeScale: { ...factor, description: 'factor on arrival times; 1 by default' },
    skipBadRows: {
      ...count,
      description: 'malformed rows that are counted before one is an error; 0 by default',
    },
    options: { type: 'object', description: "settings of the format's own, see docs/traces.md" },
  },
  ['file', 'format'],
)

const spec = object(
  {
    kubernetesVersion: {
      enum: [...KUBERNETES_VERSIONS],
      description: 'version whose behaviour is simulated; 1.37 by default',
    },
    featureGates: {
      type: 'object',
      additionalProperties: { type: 'boolean' },
      description: 'feature gates that differ from the defaults of the version',
    },
    seed: { type: ['string', 'number'], description: 'seed of all chance; 1 by default' },
    until: {
      ...duration,
      description: 'end of the run; until all work is done by default, or a day with CronJobs',
    },
    warmUp: { ...duration, description: 'time at the start that averages leave out; 0 by default' },
    nodes: {
      type: 'array',
      minItems: 1,
      description: 'the cluster: counted templates and files',
      items: object({
        template: nodeTemplate,
        file: { type: 'string', description: 'path of a node list, relative to the scenario' },
        format: { enum: ['openb', 'kubernetes'], description: 'of the file; kubernetes by default' },
      }),
    },
    startTime: {
      type: 'string',
      description: 'when the run begins in the calendar, RFC 3339; 2026-01-01T00:00:00Z by default',
    },
    objects: {
      type: 'array',
      items: { type: ['string', 'object'] },
      description: 'what to create at the start: files of manifests, and objects that are written here',
    },
    actions: {
      type: 'array',
      description: 'what somebody does to the cluster meanwhile, in the words of kubectl',
      items: ACTION_SCHEMA,
    },
    scheduler: object({
      configFile: { type: 'string', description: 'a KubeSchedulerConfiguration v1 file' },
      config: { type: 'object', description: 'the same, written here' },
      policy: {
        enum: Object.keys(SCHEDULING_POLICIES),
        description: 'a ready-made configuration by name, in place of the two',
      },
      plugins: { ...strings, description: "files of one's own plugins (.ts, .mts, .js, .mjs)" },
      extenders: { ...strings, description: "files of one's own extenders (.ts, .mts, .js, .mjs)" },
      tieBreak: {
        enum: [...TIE_BREAKS],
        description: 'choice among equal nodes; heap, the real one, by default',
      },
      pluginTimeout: {
        ...duration,
        description: "longest real time for one call of one's own plugins and extenders; 10s by default",
      },
    }),
    workload: {
      type: 'array',
      description: 'what arrives',
      items: object({ trace }, ['trace']),
    },
    behaviour: object({
      startup: { ...distribution, description: 'time from binding to running; 2s by default' },
      stop: {
        ...distribution,
        description: 'time containers take to end, at most the grace period; 1s by default',
      },
      memoryUse: {
        ...distribution,
        description: 'peak memory over request, where the trace does not say; 0.8 by default',
      },
      cpuUse: {
        ...distribution,
        description:
          'cpu in use over what running pods asked for, for load-aware policies: drawn for a node at each sample; 1 by default',
      },
      initialShare: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        description: 'share of the peak used at first; 1 by default',
      },
      disk: { ...distribution, description: 'bytes that a pod uses on the disk of its node; 0 by default' },
      inodes: { ...distribution, description: 'inodes that a pod uses; 0 by default' },
      processes: { ...distribution, description: 'processes that a pod has; 0 by default' },
      keepFinished: { type: 'boolean', description: 'keep finished pods in the store; false by default' },
      retriesMax: { ...count, description: 'how often a lost pod is made again; no bound by default' },
      checkpointInterval: {
        ...distribution,
        description:
          "running time between two checkpoints of a task's pod, which its replacement goes on from; none by default: all is lost",
      },
      jobDuration: {
        ...distribution,
        description: 'how long pods of a Job run of which nothing is said; 1m by default',
      },
      rules: behaviourRules,
    }),
    kubelet: kubeletSettings,
    images: imageSettings,
    runtimes: runtimeSettings,
    eviction: object({
      enabled: { type: 'boolean', description: 'node-pressure eviction; true by default' },
      hard: object(
        bySignal(
          threshold,
          (signal) => `hard threshold of ${signal}; any here replaces all that are there by default`,
        ),
      ),
      soft: object({
        ...bySignal(threshold, (signal) => `soft threshold of ${signal}; none by default`),
        gracePeriod: { ...duration, description: 'how long soft thresholds have to hold' },
        maxPodGracePeriod: { ...duration, description: 'the same as maxPodGracePeriod below' },
      }),
      softGracePeriod: object(
        bySignal(duration, (signal) => `how long the soft threshold of ${signal} has to hold`),
      ),
      minimumReclaim: object(
        bySignal(
          threshold,
          (signal) => `how much above a threshold of ${signal} ends evictions; 0 by default`,
        ),
      ),
      maxPodGracePeriod: {
        ...duration,
        description: 'longest grace period of pods evicted by a soft threshold; 0 by default',
      },
      pressureTransition: {
        ...duration,
        description: 'how long the condition outlasts the signal; 5m by default',
      },
      systemMemory: {
        type: ['string', 'number'],
        description: 'memory in use on a node besides pods; 0 by default',
      },
      systemDisk: {
        ...quantity,
        description: 'bytes in use on the disk of a node besides pods; 0 by default',
      },
      systemInodes: { ...quantity, description: 'inodes in use besides pods; 0 by default' },
      systemProcesses: { ...quantity, description: 'processes of a node besides pods; 0 by default' },
    }),
    failures: { type: 'array', description: 'what breaks', items: failureSchema },
    cloud: cloudSettings,
    attachments: attachmentSettings,
    repair: repairSettings,
    nodeLifecycle: object({
      monitorPeriod: { ...duration, description: 'of the node lifecycle controller; 5s by default' },
      gracePeriod: { ...duration, description: 'until a silent node is Unknown; 50s by default' },
      startupGracePeriod: {
        ...duration,
        description: 'the same for a node that never posted a status; 60s by default',
      },
      leaseRenewal: { ...duration, description: 'interval of lease renewals; 10s by default' },
      evictionRate: {
        type: 'number',
        minimum: 0,
        description: 'nodes tainted a second in a zone; 0.1 by default',
      },
      secondaryEvictionRate: {
        type: 'number',
        minimum: 0,
        description: 'the same when a large zone is partly down; 0.01',
      },
      largeZone: { ...count, description: 'zones up to this size are not large; 50 by default' },
      unhealthyThreshold: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        description: 'share that is partly down; 0.55',
      },
    }),
    admission: object({
      podNodeSelector: {
        ...labels,
        description:
          'turns the plugin PodNodeSelector on: labels of nodes, as key=value,…, that pods of a namespace may ask for, by namespace; those that all ask for under clusterDefaultNodeSelector',
      },
    }),
    controlPlane: controlPlaneSchema,
    report: object({
      directory: { type: 'string', description: 'where the files go; results/runs/NAME by default' },
      interval: { ...duration, description: 'length of a row of timeseries.csv; 15m by default' },
      tables: {
        type: 'array',
        items: { enum: [...TABLE_FORMATS] },
        minItems: 1,
        uniqueItems: true,
        description: 'forms of the tables: csv, parquet or both; [csv] by default',
      },
      pods: { type: 'boolean', description: 'write pods.csv; true by default' },
      decisions: { type: 'boolean', description: 'write decisions.csv; false by default' },
      nodeDecisions: {
        type: 'boolean',
        description: 'write decision_nodes.csv and decision_scores.csv, large and slow; false by default',
      },
    }),
  },
  ['nodes'],
)

/** The JSON Schema of a scenario file, published as schema/scenario.schema.json. */
export const SCENARIO_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'stowage scenario',
  ...object(
    {
      apiVersion: { const: 'stowage.dev/v1alpha1' },
      kind: { const: 'Scenario' },
      metadata: object({
        name: {
          type: 'string',
          pattern: '^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$',
          maxLength: 253,
          description: 'names the run and its directory: letters, digits, - _ . inside',
        },
      }),
      spec,
    },
    ['apiVersion', 'kind', 'spec'],
  ),
}
