/** IndexedDB as the frame sees it through shared/database.js. Two tabs of one site share one. */
export class Records {
  kept = new Map();
  broken = false;

  async get(store, key) {
    this.#touch();
    return this.kept.get(`${store} ${key}`);
  }

  async put(store, key, record) {
    this.#touch();
    this.kept.set(`${store} ${key}`, record);
  }

  async delete(store, key) {
    this.#touch();
    this.kept.delete(`${store} ${key}`);
  }

  async update(store, key, change) {
    const record = change(await this.get(store, key));
    await (record === undefined ? this.delete(store, key) : this.put(store, key, record));
  }

  #touch() {
    if (this.broken) throw new DOMException("no storage here", "InvalidStateError");
  }
}
