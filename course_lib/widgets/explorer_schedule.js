// The mirror of schedule.py, integer by integer, so that a slider's new picture needs no kernel. A
// test runs both on the same settings. Times are whole microseconds.

export const UNIT = 1000000;
const ACCEPT = 60000, ATTEMPTS = 5, URGENT = 5, FAR = 1000000; // see schedule.py

/**
 * @typedef {object} Setting
 * @property {number} rate
 * @property {number} task
 * @property {number} workers
 * @property {string} mode
 * @property {number} bound
 * @property {string} order
 * @property {number} failure
 * @property {string} ack
 * @property {boolean} random_arrivals
 * @property {boolean} random_tasks
 */
/** @typedef {{ gaps: number[], tasks: number[], crashes: number[][] }} Draws */
/**
 * What became of a request; null for what never came.
 * @typedef {object} Outcome
 * @property {number} arrival
 * @property {number | null} accept
 * @property {number | null} complete
 * @property {number | null} know
 * @property {number} copies
 * @property {boolean} refused
 * @property {boolean} failed
 */
/** @typedef {{ request: number, worker: number, start: number, end: number }} Work */
/** @typedef {{ time: number, by: number, since: number }} Change */
/** @typedef {{ outcomes: Outcome[], works: Work[], depth: Change[] }} Schedule */
/** @typedef {{ rank: number, request: number, attempt: number, since: number }} Waiting */
/** @typedef {{ time: number, request: number, attempt: number }} Coming */

/** @param {number} value */
const nearest = (value) => Math.floor(value + 0.5);

/** @param {Setting} setting */
export const isSync = ({ mode }) => mode.startsWith("sync");

/** @param {Setting} setting */
export const refuses = ({ mode }) => mode.endsWith("reject");

/** @param {Setting} setting */
export const servers = ({ mode, workers }) => mode === "sync one thread" ? 1 : workers;

/**
 * The synchronous server with the same requests, workers, places, order and crashes.
 * @param {Setting} setting
 * @returns {Setting}
 */
export function twin(setting) {
  return { ...setting, mode: refuses(setting) ? "sync reject" : "sync N threads" };
}

/** @param {number} request */
export const isUrgent = (request) => request % URGENT === URGENT - 1;

/**
 * The lower, the sooner a request is served among those that wait.
 * @param {Setting} setting
 * @param {number} request
 */
function rank({ order }, request) {
  if (order === "lifo") return -request;
  return order !== "priority" || isUrgent(request) ? request : request + FAR;
}

/**
 * Insert into a list that is sorted by these fields, behind what is equal.
 * @template T
 * @param {T[]} list
 * @param {T} item
 * @param {(keyof T)[]} fields
 */
function insort(list, item, fields) {
  const isBefore = (/** @type {T} */ one) => {
    const field = fields.find((name) => one[name] !== item[name]);
    return field === undefined || one[field] < item[field];
  };
  let place = list.length;
  while (place && !isBefore(list[place - 1])) place -= 1;
  list.splice(place, 0, item);
}

/** The state while requests come, wait and are served. */
class Run {
  /**
   * @param {Setting} setting
   * @param {Draws} draws
   */
  constructor(setting, draws) {
    this.setting = setting;
    this.draws = draws;
    this.made = /** @type {Schedule} */ ({ outcomes: [], works: [], depth: [] });
    this.free = Array(servers(setting)).fill(0);
    this.queue = /** @type {Waiting[]} */ ([]);
    this.door = /** @type {number[]} */ ([]); // who waits for a place in the queue
    this.coming = /** @type {Coming[]} */ ([]);
    let time = 0;
    draws.gaps.forEach((gap, request) => {
      time += nearest((setting.random_arrivals ? gap : UNIT) / setting.rate);
      this.made.outcomes.push({ arrival: time, accept: null, complete: null, know: null,
        copies: 0, refused: false, failed: false });
      this.coming.push({ time: time + (isSync(setting) ? 0 : ACCEPT), request, attempt: 1 });
    });
  }

  serve() {
    while (this.coming.length || this.queue.length) {
      const worker = this.free.indexOf(Math.min(...this.free));
      const start = this.queue.length
        ? Math.max(this.free[worker], this.queue[0].since) : Infinity;
      const next = this.coming[0];
      // Who starts at the moment of an arrival has made room for it.
      if (next && next.time < start) this.arrive(this.coming.splice(0, 1)[0]);
      else this.work(worker, start);
    }
    return this.made;
  }

  /** @param {Coming} who */
  arrive({ time, request, attempt }) {
    const isFull = this.queue.length >= this.setting.bound && attempt === 1;
    if (isFull && refuses(this.setting)) {
      Object.assign(this.made.outcomes[request], { refused: true, know: time });
    } else if (isFull && this.setting.mode === "async wait") this.door.push(request);
    else this.join(time, request, attempt);
  }

  /**
   * Into the queue: what comes back has the place of its first arrival.
   * @param {number} time
   * @param {number} request
   * @param {number} attempt
   */
  join(time, request, attempt) {
    const item = { rank: rank(this.setting, request), request, attempt, since: time };
    insort(this.queue, item, ["rank", "request", "attempt", "since"]);
    this.made.depth.push({ time, by: 1, since: time });
    if (attempt === 1 && !isSync(this.setting)) this.made.outcomes[request].accept = time;
  }

  /**
   * @param {number} worker
   * @param {number} start
   */
  work(worker, start) {
    const [{ request, attempt, since }] = this.queue.splice(0, 1);
    this.made.depth.push({ time: start, by: -1, since });
    if (this.door.length) this.join(start, this.door.splice(0, 1)[0], 1);
    const { setting, draws } = this;
    const crash = draws.crashes[request][attempt - 1] < nearest(1000 * setting.failure);
    if (crash && setting.ack === "before" && !isSync(setting)) return; // never done
    const size = setting.random_tasks ? draws.tasks[request] : UNIT;
    const end = start + nearest(size * setting.task);
    this.free[worker] = end;
    this.made.works.push({ request, worker, start, end });
    this.end(request, end, crash);
    if (!isSync(setting) && crash && attempt < ATTEMPTS) {
      const timeout = Math.max(nearest(2 * setting.task * UNIT), end - start);
      insort(this.coming, { time: start + timeout, request, attempt: attempt + 1 },
        ["time", "request", "attempt"]);
    }
  }

  /**
   * @param {number} request
   * @param {number} end
   * @param {boolean} crash
   */
  end(request, end, crash) {
    const outcome = this.made.outcomes[request];
    outcome.copies += 1;
    outcome.complete ??= end;
    outcome.know ??= end;
    if (isSync(this.setting)) Object.assign(outcome, { failed: crash, accept: crash ? null : end });
  }
}

/**
 * Serve the requests, in the order of the setting.
 * @param {Setting} setting
 * @param {Draws} draws
 */
export const schedule = (setting, draws) => new Run(setting, draws).serve();
