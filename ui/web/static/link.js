/** The WebSocket to the server: questions with answers, and one thinking at a time. Comes back after a break. */

const PAUSES = [300, 1000, 2000, 5000];
const CLOSED_IDLE = 4000;
const CLOSED_BY_ERROR = 1011;

export class Link extends EventTarget {
  #socket = null;
  #ids = 0;
  #asked = new Map();
  #thinking = null;
  #breaks = 0;

  constructor(address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`) {
    super();
    this.address = address;
    this.isOpen = false;
    this.isAsleep = false;
    this.#connect();
  }

  /** Asks about a position; resolves to the answer, rejects with the server's reason. */
  ask(position) {
    const message = { kind: "look", id: ++this.#ids, ...position };
    return new Promise((resolve, reject) => {
      this.#asked.set(message.id, { message, resolve, reject });
      this.#send(message);
    });
  }

  /** Has the server think about a position; ends whatever it was thinking about before.
   *  `listener`: { onThought(thought), onDone(), onError(reason), onStopped() }. */
  think(kind, position, listener) {
    const message = { kind, id: ++this.#ids, ...position };
    this.#thinking = { message, ...listener };
    this.#send(message);
  }

  /** Ends the thinking; nothing of it is heard any more but `onStopped`. */
  stop() {
    const thinking = this.#thinking;
    if (!thinking) return;
    this.#thinking = null;
    thinking.onStopped?.();
    if (this.isOpen) this.#send({ kind: "stop", id: ++this.#ids });
  }

  #connect() {
    this.#socket = new WebSocket(this.address);
    this.#socket.addEventListener("open", () => this.#opened());
    this.#socket.addEventListener("message", (event) => this.#received(JSON.parse(event.data)));
    this.#socket.addEventListener("close", (event) => this.#closed(event));
  }

  #send(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
    else if (!this.#socket) this.#connect();
  }

  #opened() {
    this.isOpen = true;
    this.isAsleep = false;
    this.#breaks = 0;
    for (const { message } of this.#asked.values()) this.#send(message);
    if (this.#thinking) this.#send(this.#thinking.message);
    this.dispatchEvent(new Event("change"));
  }

  #closed(event) {
    this.isOpen = false;
    this.#socket = null;
    this.isAsleep = event.code === CLOSED_IDLE;
    if (event.code === CLOSED_BY_ERROR) this.#giveUp();
    this.dispatchEvent(new Event("change"));
    if (this.isAsleep) return; // comes back with the next question
    setTimeout(() => this.#socket ?? this.#connect(), PAUSES[Math.min(this.#breaks++, PAUSES.length - 1)]);
  }

  /** The player broke down: asking it again would break it again. */
  #giveUp() {
    const thinking = this.#thinking;
    this.#thinking = null;
    thinking?.onError("it broke down");
  }

  #received(answer) {
    const asked = this.#asked.get(answer.id);
    if (asked) {
      this.#asked.delete(answer.id);
      if (answer.kind === "error") asked.reject(new Error(answer.reason));
      else asked.resolve(answer);
      return;
    }
    const thinking = this.#thinking;
    if (!thinking || thinking.message.id !== answer.id) return;
    if (answer.kind === "error" || answer.kind === "done" || answer.final) this.#thinking = null;
    if (answer.kind === "thought") thinking.onThought(answer);
    if (answer.kind === "error") thinking.onError(answer.reason);
    else if (answer.kind === "done" || answer.final) thinking.onDone?.();
  }
}
