import { InstanceUnknownError, NotReadyError } from '../errors/catalogue.js';
import type { OutputRequest, Outputs, OutputStatus } from './node.js';
import type { OutputControl } from './output-control.js';

/** The outputs of a node, by name. Those that have not started are known but refuse. */
export class OutputRack implements Outputs {
  readonly #controls = new Map<string, OutputControl>();
  #known: (id: string) => { readonly because: string } | undefined = () => undefined;

  /** Tells the rack how to explain an output that is configured but not there. */
  explainWith(known: (id: string) => { readonly because: string } | undefined): void {
    this.#known = known;
  }

  add(control: OutputControl): Disposable {
    this.#controls.set(control.id, control);
    return { [Symbol.dispose]: () => void this.#controls.delete(control.id) };
  }

  list(): readonly OutputStatus[] {
    return [...this.#controls.values()].map((control) => control.status());
  }

  get(id: string): OutputStatus {
    return this.control(id).status();
  }

  set(id: string, request: OutputRequest): Promise<OutputStatus> {
    return Promise.resolve().then(() => this.control(id).set(request));
  }

  async release(id: string, owner: string): Promise<OutputStatus> {
    const control = this.control(id);
    await control.release(owner);
    return control.status();
  }

  /** @throws HYP_INSTANCE_UNKNOWN, HYP_NOT_READY */
  control(id: string): OutputControl {
    const control = this.#controls.get(id);
    if (control) return control;
    const known = this.#known(id);
    if (known) throw new NotReadyError({ instance: id, because: known.because });
    throw new InstanceUnknownError({ instance: id, kind: 'output', known: [...this.#controls.keys()] });
  }
}
