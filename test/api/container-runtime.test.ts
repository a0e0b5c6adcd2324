import { describe, expect, it } from 'vitest'

import { speaksCriV1 } from '../../src/api/container-runtime.ts'

describe('a container runtime', () => {
  it.each([
    ['containerd://1.5.18', false],
    ['containerd://1.6.0', true],
    ['containerd://2.1.4', true],
    ['cri-o://1.19.7', false],
    ['cri-o://1.34.0', true],
    ['kwok', true],
    ['', true],
  ])('%s speaks CRI v1: %s', (version, expected) => {
    expect(speaksCriV1(version)).toBe(expected)
  })
})
