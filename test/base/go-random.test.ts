import { describe, expect, it } from 'vitest'

import { GoRandom } from '../../src/base/go-random.ts'

/** Made by Go 1.26: five `Intn(1000)`, `Intn(1024)`, `Int`, `Shuffle` of ten, `Perm(10)`, `Intn(1<<31 - 1)`. */
const MADE_BY_GO = [
  [1, [81, 887, 847, 59, 81, 390], '6785943201', '8176042953', 1616138287],
  [42, [305, 987, 668, 750, 423, 609], '2840617593', '5947263801', 1990263002],
  [0, [274, 514, 353, 506, 515, 480], '9037452186', '5280749631', 863069152],
  [-7, [409, 928, 490, 856, 563, 266], '5170493286', '2359860714', 1243143600],
  [2 ** 40, [885, 600, 585, 73, 845, 950], '7594630218', '2671849530', 821657304],
] as const

describe("Go's generator", () => {
  it.each(MADE_BY_GO)('gives what Go gives with seed %d', (seed, integers, shuffled, permuted, large) => {
    const random = new GoRandom(seed)
    const drawn = [1000, 1000, 1000, 1000, 1000, 1024].map((below) => random.integer(below))
    random.skip()
    const list = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    random.shuffle(list)
    expect(drawn).toEqual(integers)
    expect(list.join('')).toBe(shuffled)
    expect(random.permutation(10).join('')).toBe(permuted)
    expect(random.integer(2 ** 31 - 1)).toBe(large)
  })
})
