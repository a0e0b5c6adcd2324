import { readFileSync, rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { instanceTypes } from '../../../scripts/write-instance-types.ts'
import { ownCatalogue, readCatalogue } from '../../../src/plan/shapes/catalogue.ts'
import { chooseShapes } from '../../../src/plan/shapes/choose-shapes.ts'
import { testFolder } from '../../cli/command.ts'
import { hasShared, shared } from '../../shared-data.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const EC2 =
  'instance_type,family,vcpu,memory_mib,gpu_count,architecture,price_usd_per_hour_us_east_1_on_demand,eni_max,ipv4_per_eni,max_pods_vpc_cni,hypervisor,bare_metal'
const KWOK =
  'instance_type,architecture,operating_systems,cpu,memory,pods,capacity_type,zone,price_usd_per_hour,available'

const ALL = {
  names: undefined,
  families: undefined,
  cpuMax: undefined,
  architecture: undefined,
  isSpot: false,
  podsMax: undefined,
}

describe('a catalogue', () => {
  it('of EC2 has pods by addresses, at most 110 or 250', () => {
    const { shapes, leftOut } = readCatalogue(
      file(
        'ec2.csv',
        [
          EC2,
          'x.small,x,2,8192,0,amd64,0.1,3,10,29,nitro,false',
          'x.big,x,16,65536,0,arm64,0.8,8,30,234,nitro,false',
          'x.huge,x,96,393216,8,amd64,,15,50,737,nitro,false',
          'mac1.metal,mac1,12,32768,0,amd64,,8,30,234,,true',
        ].join('\n'),
      ),
    )
    expect(leftOut).toBe(1)
    expect(
      shapes.map(({ name, cpu, memory, gpus, architecture, pods, price }) => [
        name,
        cpu,
        memory,
        gpus,
        architecture,
        pods,
        price,
      ]),
    ).toEqual([
      ['x.small', 2000, 8 * 1024 ** 3, 0, 'amd64', 29, 0.1],
      ['x.big', 16_000, 64 * 1024 ** 3, 0, 'arm64', 110, 0.8],
      ['x.huge', 96_000, 384 * 1024 ** 3, 8, 'amd64', 250, undefined],
    ])
  })

  it('of KWOK is a shape a type, at the least price of its Linux offerings', () => {
    const rows = [
      'c-1x,amd64,linux,1,2Gi,16,spot,a,0.02,True',
      'c-1x,amd64,linux,1,2Gi,16,on-demand,a,0.04,True',
      'c-1x,amd64,linux,1,2Gi,16,on-demand,b,0.03,True',
      'c-1x,amd64,linux,1,2Gi,16,on-demand,c,0.01,False',
      'c-1x-windows,amd64,windows,1,2Gi,16,on-demand,a,0.01,True',
    ]
    const catalogue = readCatalogue(file('kwok.csv', [KWOK, ...rows].join('\n')))
    expect(catalogue.shapes).toHaveLength(1)
    expect(catalogue.shapes[0]).toMatchObject({ name: 'c-1x', pods: 16, price: 0.03, spotPrice: 0.02 })
    expect(chooseShapes(catalogue, { ...ALL, isSpot: true })[0]?.price).toBe(0.02)
  })

  it('is refused with its place when it is none, or a row is wrong', () => {
    expect(() => readCatalogue(file('none.csv', 'a,b\n1,2'))).toThrow(/none\.csv:1: .*no known catalogue/)
    expect(() => readCatalogue(file('short.csv', `${KWOK}\nc-1x,amd64`))).toThrow(
      /short\.csv:2: 2 columns; expected 10/,
    )
    expect(() => readCatalogue(file('word.csv', `${KWOK}\nc,amd64,linux,many,2Gi,1,spot,a,1,True`))).toThrow(
      /word\.csv:2: .*"many"/,
    )
  })

  it('is told which columns it lacks, and what is odd in a row', () => {
    const own = 'instance_type,family,vcpu,memory_mib,gpu_count,architecture,pods,price_usd_per_hour'
    expect(() => readCatalogue(file('lacks.csv', `${own.replace('memory_mib', 'memory')}\n`))).toThrow(
      /lacks\.csv:1: .*there is no memory_mib/,
    )
    expect(() => readCatalogue(file('half.csv', `${own}\nx,a,4,1024,0.5,amd64,110,1`))).toThrow(
      /half\.csv:2: .*"0\.5" is no amount .*whole number/,
    )
    expect(() => readCatalogue(file('nameless.csv', `${own}\n,a,4,1024,0,amd64,110,1`))).toThrow(
      /has no name/,
    )
    expect(() =>
      readCatalogue(file('twice.csv', `${own}\nx,a,4,1024,0,amd64,110,1\nx,a,8,1024,0,amd64,110,2`)),
    ).toThrow(/twice\.csv:3: x is there before with another number of cpu/)
    const quoted = readCatalogue(file('quoted.csv', `\uFEFF${own}\n"x, large","a",0.5,512.3,0,amd64,,1`))
    expect(quoted.shapes).toMatchObject([
      { name: 'x, large', family: 'a', cpu: 500, memory: Math.floor(512.3 * 1024 ** 2), pods: 110 },
    ])
  })

  it('of our own is what its script writes, and has what the examples name', () => {
    expect(readFileSync(ownCatalogue(), 'utf8')).toBe(instanceTypes())
    const names = chooseShapes(readCatalogue(ownCatalogue()), { ...ALL, names: ['m5.large', 'm5.xlarge'] })
    expect(names.map(({ name, price }) => [name, price])).toEqual([
      ['m5.large', 0.096],
      ['m5.xlarge', 0.192],
    ])
  })

  it('is chosen from by family, size and architecture; unknown names are refused with the nearest', () => {
    const catalogue = readCatalogue(ownCatalogue())
    const chosen = chooseShapes(catalogue, { ...ALL, families: ['m5'], cpuMax: 4, podsMax: 20 })
    expect(chosen.map(({ name, pods }) => [name, pods])).toEqual([
      ['m5.large', 20],
      ['m5.xlarge', 20],
    ])
    expect(() => chooseShapes(catalogue, { ...ALL, names: ['m5.larg'] })).toThrow(/did you mean m5.large/)
    expect(() => chooseShapes(catalogue, { ...ALL, architecture: 'arm64' })).toThrow(/no shape is left/)
    expect(() => chooseShapes(catalogue, { ...ALL, names: ['m5.large'], cpuMax: 1 })).toThrow(
      /m5\.large is left out by --max-vcpu/,
    )
  })

  it.skipIf(!hasShared)('of the shared data is read as it was published', () => {
    const counts = ['aws-ec2', 'azure-vm', 'gcp-gce', 'karpenter-kwok'].map((name) => {
      const { shapes, leftOut } = readCatalogue(shared('traces/instance-types', `${name}.csv`))
      return [
        name,
        shapes.length + (name === 'karpenter-kwok' ? 0 : leftOut),
        shapes.filter(({ price }) => price !== undefined).length > 70,
      ]
    })
    // 144 types of KWOK, half of them for Windows.
    expect(counts).toEqual([
      ['aws-ec2', 1108, true],
      ['azure-vm', 1370, true],
      ['gcp-gce', 233, true],
      ['karpenter-kwok', 72, true],
    ])
    const own = new Map(readCatalogue(ownCatalogue()).shapes.map((shape) => [shape.name, shape]))
    const ec2 = readCatalogue(shared('traces/instance-types/aws-ec2.csv')).shapes.filter(({ name }) =>
      own.has(name),
    )
    expect(ec2).toHaveLength(12)
    for (const shape of ec2) expect(own.get(shape.name)).toEqual(shape)
  })
})
