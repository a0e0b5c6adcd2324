import type { PodDraft } from './pod-draft.ts'

/** Why a pod may not be created, as a client of the API hears it. */
export interface PodRefusal {
  /** Name of the admission plugin. */
  readonly plugin: string
  readonly message: string
  /** Whether the same pod would be refused again until somebody changes an object; a quota may have room later. */
  readonly isLasting: boolean
}

/** An admission plugin that looks at each new pod, not at its template alone. */
export interface PodGate {
  /** Name of the plugin, as kube-apiserver spells it. */
  readonly name: string
  /** The refusal's message, or undefined to let the pod pass. Writes nothing. */
  readonly refuse?: (draft: PodDraft) => string | undefined
  /** As `refuse`, asked when nobody refuses: takes from somewhere what the pod needs. */
  readonly reserve?: (draft: PodDraft) => string | undefined
}

/** Asks all gates: first those that look, then those that take. */
export function askGates(gates: readonly PodGate[], draft: PodDraft): PodRefusal | undefined {
  for (const { name, refuse } of gates) {
    const message = refuse?.(draft)
    if (message !== undefined) return { plugin: name, message, isLasting: true }
  }
  for (const { name, reserve } of gates) {
    const message = reserve?.(draft)
    if (message !== undefined) return { plugin: name, message, isLasting: false }
  }
  return undefined
}
