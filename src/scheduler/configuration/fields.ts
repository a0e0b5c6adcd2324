import { ANY, BOOL, BYTES, DURATION, FLOAT32, INT32, INT64, STRING, listOf, objectOf } from './field-type.ts'
import { EXTENSION_POINTS } from './resolved.ts'

const plugin = objectOf('v1.Plugin', { name: STRING, weight: INT32 })

const pluginSet = objectOf('v1.PluginSet', { enabled: listOf(plugin), disabled: listOf(plugin) })

const plugins = objectOf(
  'v1.Plugins',
  Object.fromEntries([...EXTENSION_POINTS, 'multiPoint'].map((point) => [point, pluginSet])),
)

const profile = objectOf('v1.KubeSchedulerProfile', {
  schedulerName: STRING,
  percentageOfNodesToScore: INT32,
  percentageOfPlacementsToScore: INT32,
  plugins,
  pluginConfig: listOf(objectOf('v1.PluginConfig', { name: STRING, args: ANY })),
})

const extender = objectOf('v1.Extender', {
  urlPrefix: STRING,
  filterVerb: STRING,
  preemptVerb: STRING,
  prioritizeVerb: STRING,
  weight: INT64,
  bindVerb: STRING,
  enableHTTPS: BOOL,
  tlsConfig: objectOf('v1.ExtenderTLSConfig', {
    insecure: BOOL,
    serverName: STRING,
    certFile: STRING,
    keyFile: STRING,
    caFile: STRING,
    certData: BYTES,
    keyData: BYTES,
    caData: BYTES,
  }),
  httpTimeout: DURATION,
  nodeCacheCapable: BOOL,
  managedResources: listOf(
    objectOf('v1.ExtenderManagedResource', { name: STRING, ignoredByScheduler: BOOL }),
  ),
  ignorable: BOOL,
})

/**
 * Every field of a KubeSchedulerConfiguration.
 *
 * Source: Kubernetes v1.37, kube-scheduler/config/v1/types.go and component-base/config/v1alpha1/types.go.
 */
export const CONFIGURATION_FIELDS = objectOf('v1.KubeSchedulerConfiguration', {
  apiVersion: STRING,
  kind: STRING,
  parallelism: INT32,
  leaderElection: objectOf('v1alpha1.LeaderElectionConfiguration', {
    leaderElect: BOOL,
    leaseDuration: DURATION,
    renewDeadline: DURATION,
    retryPeriod: DURATION,
    resourceLock: STRING,
    resourceName: STRING,
    resourceNamespace: STRING,
  }),
  clientConnection: objectOf('v1alpha1.ClientConnectionConfiguration', {
    kubeconfig: STRING,
    acceptContentTypes: STRING,
    contentType: STRING,
    qps: FLOAT32,
    burst: INT32,
  }),
  enableProfiling: BOOL,
  enableContentionProfiling: BOOL,
  percentageOfNodesToScore: INT32,
  percentageOfPlacementsToScore: INT32,
  podInitialBackoffSeconds: INT64,
  podMaxBackoffSeconds: INT64,
  profiles: listOf(profile),
  extenders: listOf(extender),
  delayCacheUntilActive: BOOL,
})
