import type { Simulation } from '../engine/simulation.ts'

/** Letters of generated names (apimachinery v1.37, util/rand: no vowels, and nothing that looks like another). */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'
const LETTERS_ADDED = 5

/** `metadata.name` from a `generateName`: five letters are added, so that nobody has the name yet. */
export function generatedName(sim: Simulation, base: string, isTaken: (name: string) => boolean): string {
  const stream = sim.random.stream('api/generated-names')
  for (;;) {
    let name = base
    for (let i = 0; i < LETTERS_ADDED; i++) name += LETTERS[stream.integer(LETTERS.length)] ?? ''
    if (!isTaken(name)) return name
  }
}
