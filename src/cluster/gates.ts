import type { StoredObject } from './object-store.ts'
import type { PodDraft } from './pod-draft.ts'

/** Why a pod may not be created, as a client of the API hears it. */
export interface PodRefusal {
  /** Name of the admission plugin. */
  readonly plugin: string
  readonly message: string
  /** Whether the same pod would be refused again until somebody changes an object; a quota may have room later. */
  readonly isLasting: boolean
}

/**
 * An admission plugin that looks at each new pod, not at its template alone, or at each new object of another kind.
 *
 * Each question gives the refusal's message, or undefined to let the object pass.
 */
export interface Gate {
  /** Name of the plugin, as kube-apiserver spells it. */
  readonly name: string
  /** Looks at a pod. */
  readonly refusePod?: (draft: PodDraft) => string | undefined
  /** Asked when nobody refuses the pod: takes from somewhere what it needs. */
  readonly reservePod?: (draft: PodDraft) => string | undefined
  /** Looks at another object. */
  readonly refuseObject?: (kind: string, object: StoredObject) => string | undefined
  /** Asked when nobody refuses the object: takes from somewhere what it needs. */
  readonly reserveObject?: (kind: string, object: StoredObject) => string | undefined
}

/** The gates of an API server: first those that look are asked, then those that take. */
export class Gates {
  readonly #gates: Gate[] = []

  /** Whether nobody asks anything. */
  get isOpen(): boolean {
    return this.#gates.length === 0
  }

  add(gate: Gate): void {
    this.#gates.push(gate)
  }

  remove(gate: Gate): void {
    const place = this.#gates.indexOf(gate)
    if (place >= 0) this.#gates.splice(place, 1)
  }

  askForPod(draft: PodDraft): PodRefusal | undefined {
    for (const { name, refusePod } of this.#gates) {
      const message = refusePod?.(draft)
      if (message !== undefined) return { plugin: name, message, isLasting: true }
    }
    for (const { name, reservePod } of this.#gates) {
      const message = reservePod?.(draft)
      if (message !== undefined) return { plugin: name, message, isLasting: false }
    }
    return undefined
  }

  askForObject(kind: string, object: StoredObject): string | undefined {
    for (const { refuseObject } of this.#gates) {
      const message = refuseObject?.(kind, object)
      if (message !== undefined) return message
    }
    for (const { reserveObject } of this.#gates) {
      const message = reserveObject?.(kind, object)
      if (message !== undefined) return message
    }
    return undefined
  }
}
