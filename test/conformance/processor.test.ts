import { describe, expect, it } from 'vitest'

import { Processor } from '../../src/conformance/processor.ts'

describe('Processor', () => {
  function named(): {
    readonly ran: string[]
    readonly processor: Processor
    readonly to: (name: string) => () => void
  } {
    const ran: string[] = []
    const routines = new Map<string, () => void>()
    const to = (name: string): (() => void) => {
      const routine = routines.get(name) ?? ((): void => void ran.push(name))
      routines.set(name, routine)
      return routine
    }
    return { ran, processor: new Processor(), to }
  }

  it('runs what was made ready last first, and the others in order', () => {
    const { ran, processor, to } = named()
    for (const name of ['a', 'b', 'c', 'a']) processor.ready(to(name))
    while (processor.runNext());
    expect(ran).toEqual(['c', 'a', 'b'])
  })

  it('starts calls at once: the last first, then those who wait, then the other calls', () => {
    const { ran, processor, to } = named()
    processor.ready(to('waiting'))
    processor.runAll([to('first'), to('second'), to('third')])
    expect(ran).toEqual(['third', 'waiting', 'first', 'second'])
  })

  it('goes on after the last call before those who became ready meanwhile', () => {
    const { ran, processor, to } = named()
    processor.runAll([
      (): void => {
        processor.ready(to('heard'))
        ran.push('call')
      },
    ])
    ran.push('worker')
    while (processor.runNext());
    expect(ran).toEqual(['call', 'worker', 'heard'])
  })

  it('puts at the end of the line what is to come last', () => {
    const { ran, processor, to } = named()
    processor.readyLast(to('last'))
    processor.ready(to('a'))
    processor.ready(to('b'))
    while (processor.runNext());
    expect(ran).toEqual(['b', 'last', 'a'])
  })
})
