import type { OwnerReference } from '../api/types.generated.ts'
import { InvariantError } from '../base/assert.ts'
import type { PodOwner } from './pod-table.ts'

/** An object that controls pods, as `metadata.ownerReferences` names it with `controller: true`. Its pods have names of their own. */
export class ControllerOwner implements PodOwner {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid: string

  constructor(object: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly uid: string
  }) {
    this.apiVersion = object.apiVersion
    this.kind = object.kind
    this.namespace = object.namespace
    this.name = object.name
    this.uid = object.uid
  }

  /** `namespace/name` of the object. */
  get key(): string {
    return `${this.namespace}/${this.name}`
  }

  /** The reference that its pods carry. */
  get reference(): OwnerReference {
    const { apiVersion, kind, name, uid } = this
    return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
  }

  podName(): string {
    throw new InvariantError(`a pod of ${this.kind} ${this.key} was created without a name`)
  }
}
