import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NEVER, SECOND } from '../../../src/base/time.ts'
import { releasePod } from '../../../src/cluster/release-pod.ts'
import { afterExit } from '../../../src/node/lifecycle/restart-policy.ts'
import { GRACE_MIN, planTermination } from '../../../src/node/lifecycle/termination.ts'
import { LifecycleCluster } from './lifecycle-cluster.ts'

const GET = { httpGet: { port: 80 } }
const ALWAYS = { restartPolicy: 'Always' }

describe('init containers', () => {
  it('run one after the other, each to its end, before the others start', () => {
    const cluster = new LifecycleCluster()
    const pod = cluster.pod(
      { initContainers: [{ name: 'one' }, { name: 'two' }], containers: [{ name: 'app' }, { name: 'log' }] },
      { 'duration.one': '3s', 'duration.two': '4s' },
    )
    cluster.runTo(20)
    expect(cluster.history(pod)).toEqual([
      '0 Pending Running PodInitializing PodInitializing PodInitializing',
      '3 Pending Completed/0 Running PodInitializing PodInitializing',
      '7 Running ready Completed/0 Completed/0 Running Running',
    ])
    expect(cluster.podCondition(pod, 'Initialized')).toMatchObject({
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:07Z',
    })
  })

  it('are tried again when they fail, and fail the pod if nothing is to be tried again', () => {
    const cluster = new LifecycleCluster()
    const spec = { initContainers: [{ name: 'one' }] }
    const annotations = { 'exit-code.one': '1,1,0', 'duration.one': '1s' }
    const patient = cluster.pod(spec, annotations)
    const strict = cluster.pod({ ...spec, restartPolicy: 'Never' }, annotations)
    cluster.runTo(60)
    expect(cluster.state(strict)).toBe('Failed Error')
    expect(cluster.history(patient)).toEqual([
      '0 Pending Running PodInitializing',
      '1 Pending Running(1) PodInitializing',
      '2 Pending CrashLoopBackOff(1) PodInitializing',
      '12 Pending Running(2) PodInitializing',
      '13 Running ready Completed/0(2) Running',
    ])
  })
})

describe('a sidecar', () => {
  it('starts before what comes after it, when its startup probe has succeeded, and stays', () => {
    const cluster = new LifecycleCluster()
    const mesh = { name: 'mesh', ...ALWAYS, startupProbe: { ...GET, periodSeconds: 2 } }
    const pod = cluster.pod(
      { initContainers: [mesh, { name: 'setup' }], containers: [{ name: 'app' }] },
      { 'time-to-ready.mesh': '3s', 'duration.setup': '2s' },
    )
    cluster.runTo(30)
    expect(cluster.history(pod)).toEqual([
      '0 Pending Running PodInitializing PodInitializing',
      '4 Pending Running Running PodInitializing',
      '6 Running ready Running Completed/0 Running',
    ])
  })

  it('does not keep a pod alive, and ends after the regular containers in reverse order', () => {
    const cluster = new LifecycleCluster({ kubelet: { stop: () => 2 * SECOND } })
    const pod = cluster.pod(
      {
        initContainers: [
          { name: 'first', ...ALWAYS },
          { name: 'second', ...ALWAYS },
        ],
        restartPolicy: 'Never',
      },
      { duration: '10s' },
    )
    cluster.runTo(60)
    expect(cluster.history(pod).slice(1)).toEqual([
      '10 Running Running Running Completed/0',
      '12 Running Running Error/143 Completed/0',
      '14 Succeeded Error/143 Error/143 Completed/0',
    ])
  })

  it('starts again by its own policy while the pod runs', () => {
    const cluster = new LifecycleCluster()
    const pod = cluster.pod(
      { initContainers: [{ name: 'mesh', ...ALWAYS }], restartPolicy: 'Never' },
      { 'duration.mesh': '5s' },
    )
    cluster.runTo(6)
    expect(cluster.shown(pod)).toBe('Running(1) Running')
  })
})

describe('restart policies', () => {
  const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }]
  it.each([
    ['Always', {}, 0, 'restart'],
    ['OnFailure', {}, 0, 'stay'],
    ['OnFailure', {}, 1, 'restart'],
    ['Never', {}, 1, 'stay'],
    ['Never', { restartPolicyRules: rules, restartPolicy: 'Never' }, 42, 'restart'],
    ['Always', { restartPolicyRules: rules, restartPolicy: 'Never' }, 41, 'stay'],
    ['Never', { restartPolicy: 'OnFailure' }, 1, 'restart'],
  ] as const)('of a pod %s with %j and exit code %i: %s', (restartPolicy, container, exitCode, expected) => {
    expect(afterExit(container, { restartPolicy, isInit: false }, exitCode)).toBe(expected)
  })

  it('have an init container of an Always pod end once', () => {
    expect(afterExit({}, { restartPolicy: 'Always', isInit: true }, 0)).toBe('stay')
  })

  it('may have all containers start again, the init containers too', () => {
    const cluster = new LifecycleCluster()
    const restartPolicyRules = [
      { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [88] } },
    ]
    const pod = cluster.pod(
      {
        restartPolicy: 'Never',
        initContainers: [{ name: 'setup' }],
        containers: [{ name: 'app', restartPolicy: 'Never', restartPolicyRules }, { name: 'peer' }],
      },
      {
        'duration.app': '20s',
        'exit-code.app': '88,0',
        'duration.peer': '45s',
        'termination-time.peer': '3s',
      },
    )
    cluster.runTo(200)
    expect(cluster.history(pod)).toEqual([
      '0 Pending Running PodInitializing PodInitializing',
      '1 Running ready Completed/0 Running Running',
      '21 Running Completed/0 Error/88 Running',
      '24 Running Running(1) Error/88 Error/143',
      '25 Running ready Completed/0(1) Running(1) Running(1)',
      '45 Running Completed/0(1) Completed/0(1) Running(1)',
      '70 Succeeded Completed/0(1) Completed/0(1) Completed/0(1)',
    ])
  })
})

describe('the end of a pod', () => {
  it('runs hooks, then SIGTERM, then SIGKILL when the grace period is over', () => {
    const cluster = new LifecycleCluster()
    const lifecycle = { preStop: { sleep: { seconds: 5 } } }
    const pod = cluster.pod({ containers: [{ name: 'app', lifecycle }] }, { 'termination-time': '60s' })
    cluster.at(10, () => cluster.delete(pod, 30))
    cluster.runTo(100)
    expect(cluster.history(pod)).toEqual(['0 Running ready Running', '40 gone'])
  })

  it('leaves 2 s after a hook that took the whole grace period', () => {
    const cluster = new LifecycleCluster()
    const lifecycle = { preStop: { exec: { command: ['drain'] } } }
    const pod = cluster.pod(
      { containers: [{ name: 'app', lifecycle }] },
      { 'termination-time': '60s', 'pre-stop': '50s' },
    )
    cluster.at(10, () => cluster.delete(pod, 30))
    cluster.runTo(100)
    expect(cluster.history(pod).at(-1)).toBe('42 gone')
  })

  it('may be hastened', () => {
    const cluster = new LifecycleCluster()
    const pod = cluster.pod({}, { 'termination-time': '25s' })
    cluster.at(10, () => cluster.delete(pod, 30))
    cluster.at(15, () => cluster.delete(pod, 5))
    cluster.runTo(100)
    expect(cluster.history(pod).at(-1)).toBe('20 gone')
  })

  it('leaves no container waiting: what ran shows its last end, what never ran is not known', () => {
    const cluster = new LifecycleCluster()
    const containers = [
      { name: 'app' },
      { name: 'late', lifecycle: { postStart: { sleep: { seconds: 100 } } } },
    ]
    const more = [...containers, { name: 'never' }]
    const pod = cluster.pod(
      { containers: more, activeDeadlineSeconds: 30 },
      { 'duration.app': '10s', 'exit-code.app': '3' },
    )
    const loop = cluster.pod({ activeDeadlineSeconds: 28 }, { duration: '10s', 'exit-code': '3' })
    cluster.runTo(27)
    // A hook that has not returned holds up all other starts.
    expect(cluster.shown(pod)).toBe('Error/3 Running ContainerCreating')
    expect(cluster.shown(loop)).toBe('CrashLoopBackOff(1)')
    cluster.runTo(31)
    expect(cluster.shown(pod)).toBe('Error/3 Error/143 ContainerStatusUnknown/137')
    expect(cluster.shown(loop)).toBe('Error/3(1)')
  })

  it('waits for finalizers, with the pod Failed', () => {
    const cluster = new LifecycleCluster()
    const { pods } = cluster.api
    const [simple, worked] = [cluster.pod({}), cluster.pod({}, { duration: '1h' })]
    for (const pod of [simple, worked]) pods.updateDetails(pod, { finalizers: ['example.com/watch'] })
    cluster.at(10, () => [simple, worked].forEach((pod) => cluster.delete(pod, 5)))
    cluster.runTo(20)
    expect([simple, worked].map((pod) => cluster.state(pod))).toEqual([
      'Failed Test deleting',
      'Failed Test deleting',
    ])
    cluster.at(30, () => [simple, worked].forEach((pod) => releasePod(pods, pod, 'example.com/watch')))
    cluster.runTo(40)
    expect([simple, worked].map((pod) => cluster.state(pod))).toEqual(['gone', 'gone'])
  })

  it('comes with the deadline of the pod', () => {
    const cluster = new LifecycleCluster()
    const pod = cluster.pod({ activeDeadlineSeconds: 20 }, { 'termination-time': '4s' })
    cluster.runTo(100)
    expect(cluster.history(pod)).toEqual(['0 Running ready Running', '24 Failed Error/143'])
    expect(cluster.state(pod)).toBe('Failed DeadlineExceeded')
    expect(cluster.podCondition(pod, 'Ready')).toMatchObject({ status: 'False', reason: 'PodFailed' })
  })

  it('is within the grace period and 4 s, whatever the hooks and the processes do', () => {
    const container = fc.record({
      kind: fc.constantFrom('regular' as const, 'sidecar' as const),
      preStop: fc.integer({ min: 0, max: 60_000_000 }),
      stop: fc.integer({ min: 0, max: 60_000_000 }),
      exitCode: fc.constant(143),
      endsAt: fc.constant(NEVER),
    })
    fc.assert(
      fc.property(
        fc.array(container, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 40 }),
        (containers, seconds) => {
          const grace = seconds * SECOND
          const ends = planTermination(containers, 0, grace)
          const regular = containers.flatMap(({ kind }, index) =>
            kind === 'regular' ? [ends[index]?.at ?? 0] : [],
          )
          containers.forEach(({ kind }, index) => {
            const { termAt = 0, at = 0 } = ends[index] ?? {}
            // Hooks and waits are counted in whole seconds: up to one is left over of each.
            expect(at).toBeLessThanOrEqual(grace + 2 * SECOND + GRACE_MIN)
            if (kind !== 'sidecar' || termAt >= grace) return
            expect(termAt).toBeGreaterThanOrEqual(Math.max(0, ...regular.filter((end) => end <= grace)))
          })
        },
      ),
    )
  })
})

describe('a container that is killed from outside', () => {
  it('starts again by its policy', () => {
    const cluster = new LifecycleCluster()
    const pods = [cluster.pod({}), cluster.pod({ restartPolicy: 'Never' })]
    cluster.at(10, () => pods.forEach((pod) => cluster.kubelets.killContainer(pod, 0, 'OOMKilled')))
    cluster.runTo(20)
    expect(pods.map((pod) => cluster.state(pod))).toEqual(['Running', 'Failed OOMKilled'])
    expect(pods.map((pod) => cluster.shown(pod))).toEqual(['Running(1)', 'OOMKilled/137'])
    expect(cluster.status(pods[0] ?? (0 as never))?.lastState?.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:10Z',
    })
  })
})

describe('a machine that comes back', () => {
  it('finds what ran ended, and starts the pod anew', () => {
    const cluster = new LifecycleCluster()
    const spec = { initContainers: [{ name: 'setup' }] }
    const [lasting, once] = [cluster.pod(spec), cluster.pod({ ...spec, restartPolicy: 'Never' })]
    cluster.at(10, () => cluster.machines.crash(cluster.node0, 'test'))
    cluster.at(20, () => cluster.machines.restore(cluster.node0, 'test'))
    cluster.runTo(60)
    expect(cluster.history(lasting).slice(-2)).toEqual([
      '20 Running Running(1) Unknown/255',
      '21 Running ready Completed/0(1) Running(1)',
    ])
    expect(cluster.state(once)).toBe('Failed ContainerStatusUnknown')
  })

  it('leaves the deadline of the pod as it was', () => {
    const cluster = new LifecycleCluster()
    const [late, over] = [40, 15].map((activeDeadlineSeconds) => cluster.pod({ activeDeadlineSeconds }))
    cluster.at(10, () => cluster.machines.crash(cluster.node0, 'test'))
    cluster.at(20, () => cluster.machines.restore(cluster.node0, 'test'))
    cluster.runTo(100)
    for (const pod of [late, over]) expect(cluster.state(pod ?? (0 as never))).toBe('Failed DeadlineExceeded')
    expect(cluster.history(over ?? (0 as never)).at(-1)).toMatch(/^2\d /)
    expect(cluster.history(late ?? (0 as never)).at(-1)).toMatch(/^[4-7]\d /)
  })
})
