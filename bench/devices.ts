/** How many pods with a claim of one device a second, made, placed and released, as the cluster grows? Default profile. */
import { startResourceClaimController } from '../src/controllers/resource-claims.ts'
import { device, deviceClass, request, slice } from '../test/plugins/device-allocation/devices.ts'
import { buildCluster, createPod, node } from '../test/scheduler/cluster-builder.ts'
import type { BenchCase, CaseMaker } from './bench-row.ts'

const PODS = 20
const DEVICES_OF_NODE = 8
const SECOND = 1_000_000

/** Clusters of 500 and 5,000 nodes with eight devices each, of which four will do. */
export function deviceCases(): CaseMaker[] {
  return [500, 5_000].map((nodes) => () => deviceCase(nodes))
}

function deviceCase(nodes: number): BenchCase {
  const { sim, api } = buildCluster()
  startResourceClaimController(api)
  api.collection('DeviceClass').create(deviceClass('gpu', 'device.driver == "gpu.example.com"'))
  const where = 'device.attributes["gpu.example.com"].model == "a"'
  api.collection('ResourceClaimTemplate').create({
    kind: 'ResourceClaimTemplate',
    metadata: { name: 'one', namespace: 'default' },
    ...{ spec: { spec: { devices: { requests: [request('r', { where })] } } } },
  })
  for (let i = 0; i < nodes; i++) {
    const nodeName = `node-${i}`
    const devices = Array.from({ length: DEVICES_OF_NODE }, (_, index) =>
      device(`d${index}`, { model: index < DEVICES_OF_NODE / 2 ? 'b' : 'a' }),
    )
    api.nodes.create(node(nodeName, { cpu: '64', memory: '256Gi' }))
    api.collection('ResourceSlice').create(slice(nodeName, devices, { nodeName }))
  }
  let serial = 0
  return {
    name: `devices, ${nodes.toLocaleString('en')} nodes of ${DEVICES_OF_NODE}`,
    unit: 'pods',
    units: PODS,
    run: () => {
      const resourceClaims = [{ name: 'gpu', resourceClaimTemplateName: 'one' }]
      const rows = Array.from({ length: PODS }, () =>
        createPod(api, `p${serial++}`, { cpu: '1', memory: '1Gi', resourceClaims }),
      )
      sim.run(sim.now + SECOND)
      const bound = rows.filter((row) => api.pods.table.node(row) >= 0).length
      if (bound !== PODS) throw new Error(`${PODS - bound} pods were not bound`)
      for (const row of rows) api.pods.remove(row)
      sim.run(sim.now + SECOND)
    },
  }
}
