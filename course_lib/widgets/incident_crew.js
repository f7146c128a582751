// Workers, what is to happen, and what is written down; mirrors incidents/agenda.py, record.py and
// crew.py.

import { SECOND } from "./incident_moves.js";

/** @typedef {import("./incident_moves.js").Kit} Kit */
/** @typedef {import("./incident_moves.js").Move} Move */
/** @typedef {import("./incident_moves.js").Settings} Settings */
/** @typedef {{ place: string, start: number, end: number | null }} Stay */
/** @typedef {{ number: number, arrival: number, chance: number, is_sync: boolean,
 *   is_yours: boolean, accept: number | null, know: number | null, sent: number[],
 *   refused: number | null, failed: number | null, lost: number | null, attempts: number,
 *   stays: Stay[] }} Mail */
/** @typedef {{ worker: number, kind: string, mail: number, attempt: number, start: number,
 *   due: number, end: number | null }} Work */
/** @typedef {{ worker: number, start: number, end: number | null }} Shift */
/** @typedef {{ kind: string, start: number, end: number }} Spell */
/** @typedef {{ at: number, kind: string, mail: number, worker: number, value: string,
 *   why: string }} Entry */
/** @typedef {{ kit: Kit, opening: Settings, moves: Move[], mails: Mail[], works: Work[],
 *   shifts: Shift[], spells: Spell[], log: Entry[] }} Day */
/** @typedef {{ mail: Mail, attempt: number, isAcked: boolean, isExpired: boolean,
 *   isOver: boolean, hasSent: boolean, isKilled: boolean }} Job */
/** @typedef {{ number: number, isWanted: boolean, isAlive: boolean, shift: Shift | null,
 *   job: Job | null, work: Work | null }} Worker */

/** What is to happen, by time; what falls on one moment goes in the order of putting. */
export class Agenda {
  now = 0;
  /** @type {{ time: number, act: () => void }[]} */
  acts = [];

  /** @param {number} time @param {() => void} act */
  put(time, act) {
    let place = this.acts.length;
    while (place && this.acts[place - 1].time > time) place -= 1;
    this.acts.splice(place, 0, { time, act });
  }

  /** @param {number} end */
  run(end) {
    while (this.acts.length && this.acts[0].time <= end) {
      const [{ time, act }] = this.acts.splice(0, 1);
      this.now = time;
      act();
    }
  }
}

/** The day as it grows. */
export class Logbook {
  /** @param {Day} day @param {Agenda} agenda */
  constructor(day, agenda) {
    this.day = day;
    this.agenda = agenda;
  }

  get now() {
    return this.agenda.now;
  }

  /** Something happened.
   * @param {string} kind
   * @param {{ mail?: number, worker?: number, value?: string | number, why?: string }} about */
  note(kind, { mail = 0, worker = 0, value = "", why = "" } = {}) {
    this.day.log.push({ at: this.now, kind, mail, worker, value: String(value), why });
  }

  /** Where the broker has an e-mail from now on; nowhere once it may forget it.
   * @param {Mail} mail @param {string} place */
  place(mail, place = "") {
    const last = mail.stays.at(-1);
    if (last && last.end === null) last.end = this.now;
    if (place) mail.stays.push({ place, start: this.now, end: null });
  }

  /** The provider is away or slow for some seconds from now on; gives the end.
   * @param {string} kind @param {number} length */
  spell(kind, length) {
    this.note(kind, { value: length });
    const end = this.now + SECOND * length;
    this.day.spells.push({ kind, start: this.now, end });
    return end;
  }

  /** Whether the provider is away, or slow, just now.
   * @param {string} kind */
  hasSpell(kind) {
    return this.day.spells.some((s) => s.kind === kind && s.start <= this.now && this.now < s.end);
  }
}

/** All workers that can be there, in the order of their numbers. */
export class Crew {
  /** @param {Logbook} book @param {number} most */
  constructor(book, most) {
    this.book = book;
    /** @type {Worker[]} */
    this.workers = Array.from({ length: most }, (_, n) => ({
      number: n + 1, isWanted: false, isAlive: true, shift: null, job: null, work: null }));
  }

  /** So many from now on; who has a delivery finishes it before it goes.
   * @param {number} wanted */
  hire(wanted) {
    for (const worker of this.workers) {
      worker.isWanted = worker.number <= wanted;
      if (worker.isWanted && !worker.shift) {
        worker.shift = { worker: worker.number, start: this.book.now, end: null };
        this.book.day.shifts.push(worker.shift);
        this.book.note("hired", { worker: worker.number });
      } else if (!worker.job) this.free(worker);
    }
  }

  /** A worker has nothing in its hands, and goes home if it is not wanted any more.
   * @param {Worker} worker */
  free(worker) {
    worker.job = null;
    if (!worker.shift || worker.isWanted) return;
    worker.shift.end = this.book.now;
    worker.shift = null;
    this.book.note("gone", { worker: worker.number });
  }

  /** Whether anybody alive works on an e-mail.
   * @param {Mail} mail */
  has(mail) {
    return this.workers.some(({ job }) => job?.mail === mail);
  }

  /** A piece of work, and what comes after it unless something comes between.
   * @param {Worker} worker @param {string} kind @param {number} length
   * @param {() => void} then */
  begin(worker, kind, length, then) {
    const { job } = worker, { now, day, agenda } = this.book;
    /** @type {Work} */
    const work = { worker: worker.number, kind, mail: job ? job.mail.number : 0,
      attempt: job ? job.attempt : 0, start: now, due: now + length, end: null };
    worker.work = work;
    day.works.push(work);
    agenda.put(work.due, () => {
      if (worker.work !== work) return;
      this.end(worker);
      then();
    });
  }

  /** A piece of work is over, or broken off.
   * @param {Worker} worker */
  end(worker) {
    if (worker.work) worker.work.end = this.book.now;
    worker.work = null;
  }
}
