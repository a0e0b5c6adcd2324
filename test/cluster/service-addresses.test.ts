import { describe, expect, it } from 'vitest'

import type { Service } from '../../src/api/types.generated.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { ServiceAddresses, withAddresses } from '../../src/cluster/service-addresses.ts'
import { Simulation } from '../../src/engine/simulation.ts'

function service(name: string, spec: Service['spec'] = {}): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec }
}

function cluster() {
  const api = new ApiServer(new Simulation({ seed: 1 }), [])
  const addresses = new ServiceAddresses(api)
  const services = api.collection<Service>('Service')
  return { addresses, services }
}

function admitted(addresses: ServiceAddresses, one: Service): Service {
  const result = addresses.admit(one)
  if (!result.ok) throw new Error(result.message)
  return result.service
}

describe('ServiceAddresses', () => {
  it('gives each service an address of its own, outside of those that are asked for', () => {
    const { addresses, services } = cluster()
    const seen = new Set<string>()
    for (let i = 0; i < 50; i++) {
      const { spec } = admitted(addresses, service(`s${i}`))
      services.create(service(`s${i}`, spec))
      expect(spec).toMatchObject({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })
      expect(spec?.clusterIPs).toEqual([spec?.clusterIP])
      expect(spec?.clusterIP).toMatch(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/)
      expect(spec?.clusterIP).not.toMatch(/^10\.96\.0\./)
      seen.add(spec?.clusterIP ?? '')
    }
    expect(seen.size).toBe(50)
  })

  it('leaves headless services without one, and services of type ExternalName as they are', () => {
    const { addresses } = cluster()
    const headless = service('h', { clusterIP: 'None', selector: { app: 'a' } })
    expect(admitted(addresses, headless).spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] })
    const external = service('e', { type: 'ExternalName', externalName: 'example.org' })
    expect(admitted(addresses, external)).toBe(external)
    const open = service('o', { clusterIP: 'None' })
    expect(admitted(addresses, open).spec).toMatchObject({
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    })
  })

  it('refuses an address that is in use, until its service is gone, and keeps that of an update', () => {
    const { addresses, services } = cluster()
    const asking = service('one', { clusterIP: '10.96.0.10' })
    services.create(admitted(addresses, asking))
    expect(addresses.admit(service('two', { clusterIP: '10.96.0.10' }))).toMatchObject({
      ok: false,
      message:
        'spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    })
    expect(addresses.admit(service('api', { clusterIP: '10.96.0.1' })).ok).toBe(false)
    expect(admitted(addresses, service('one')).spec?.clusterIP).toBe('10.96.0.10')
    services.delete('default/one')
    expect(addresses.admit(service('two', { clusterIP: '10.96.0.10' })).ok).toBe(true)
  })

  it('is one for each API server', () => {
    const api = new ApiServer(new Simulation({ seed: 1 }), [])
    const asking = (name: string) => withAddresses(api, service(name, { clusterIP: '10.96.0.10' }))
    const one = asking('one')
    if (one.ok) api.collection('Service').create(one.service)
    expect([one.ok, asking('one').ok, asking('two').ok]).toEqual([true, true, false])
  })

  it('has one family only', () => {
    const { addresses } = cluster()
    expect(addresses.admit(service('d', { ipFamilyPolicy: 'RequireDualStack' })).ok).toBe(false)
    expect(addresses.admit(service('6', { ipFamilies: ['IPv6'] })).ok).toBe(false)
    const preferred = admitted(addresses, service('p', { ipFamilyPolicy: 'PreferDualStack' }))
    expect(preferred.spec?.ipFamilies).toEqual(['IPv4'])
  })
})
