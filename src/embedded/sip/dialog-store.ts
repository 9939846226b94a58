import { dialogKey, type Dialog } from './dialog.ts';
import type { SipRequest, SipResponse } from './message/message.ts';
import type { HostPort } from './transport/channel.ts';

/** Every dialog alive, early ones too. */
export class DialogStore {
  readonly #dialogs = new Map<string, Dialog>();

  get size(): number {
    return this.#dialogs.size;
  }

  add(dialog: Dialog): void {
    this.#dialogs.set(dialog.key, dialog);
  }

  remove(dialog: Dialog): void {
    this.#dialogs.delete(dialog.key);
  }

  /** Their tag is in From, ours in To. */
  ofRequest(request: SipRequest): Dialog | undefined {
    return this.#dialogs.get(dialogKey(request.callId, request.toTag ?? '', request.fromTag ?? ''));
  }

  /** Our tag is in From, theirs in To. */
  ofResponse(response: SipResponse): Dialog | undefined {
    return this.#dialogs.get(dialogKey(response.callId, response.fromTag ?? '', response.toTag ?? ''));
  }

  /** Whether the far end of a dialog is reached by a connection to this place. */
  useConnection({ host, port }: HostPort): boolean {
    for (const { channel } of this.#dialogs.values()) {
      const { protocol, remote } = channel;
      if (protocol === 'tcp' && remote.host === host && remote.port === port) return true;
    }
    return false;
  }

  clear(): void {
    for (const dialog of this.#dialogs.values()) dialog.state = 'terminated';
    this.#dialogs.clear();
  }
}
