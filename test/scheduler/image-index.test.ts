import { describe, expect, it } from 'vitest'

import { ImageIndex } from '../../src/scheduler/image-index.ts'

const IMAGE = 'registry.example/app:1'

function images(...sizes: readonly number[]): { names: string[]; sizeBytes: number }[] {
  return sizes.map((sizeBytes) => ({ names: [IMAGE], sizeBytes }))
}

describe('images of nodes', () => {
  it('have the size that the first node said, as long as a node holds them', () => {
    const index = new ImageIndex()
    index.set(0, images(10))
    index.set(1, images(20))
    expect(index.image(1, IMAGE)?.sizeBytes).toBe(10)
    index.remove(0)
    expect(index.image(0, IMAGE)).toBeUndefined()
    expect(index.image(1, IMAGE)?.sizeBytes).toBe(10)
    index.set(1, images(20))
    expect(index.image(1, IMAGE)?.sizeBytes).toBe(20)
  })

  it('count once on a node that lists a name twice', () => {
    const index = new ImageIndex()
    index.set(0, images(10, 30))
    expect(index.nodesWith(IMAGE)).toBe(1)
    expect(index.image(0, IMAGE)?.sizeBytes).toBe(10)
    index.set(0, [])
    expect(index.nodesWith(IMAGE)).toBe(0)
  })
})
