// @ts-check
/**
 * IndexedDB behind promises: named stores of records by a text key. IndexedDB because it alone keeps a `CryptoKey`
 * that can not be exported. A browser that gives a frame no storage throws on touch: every function here rejects then.
 */

/**
 * Open, and make what is missing.
 * @param {string} name
 * @param {string[]} stores
 * @param {number} [version] raise it when a store is added
 * @returns {Promise<Database>}
 */
export async function open(name, stores, version = 1) {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => {
    for (const store of stores) {
      if (!request.result.objectStoreNames.contains(store)) request.result.createObjectStore(store);
    }
  };
  return new Database(await settled(request));
}

export class Database {
  #db;

  /** @param {IDBDatabase} db */
  constructor(db) {
    this.#db = db;
    db.onversionchange = () => db.close(); // another tab has a newer version of this page: don't stand in its way
  }

  /** @param {string} store @param {string} key @returns {Promise<any>} undefined if there is none */
  async get(store, key) {
    return settled(this.#db.transaction(store).objectStore(store).get(key));
  }

  /** @param {string} store @returns {Promise<any[]>} every record, in the order of the keys */
  async all(store) {
    return settled(this.#db.transaction(store).objectStore(store).getAll());
  }

  /** @param {string} store @param {string} key @param {any} record */
  async put(store, key, record) {
    await this.#write(store, (records) => records.put(record, key));
  }

  /** @param {string} store @param {string} key */
  async delete(store, key) {
    await this.#write(store, (records) => records.delete(key));
  }

  /**
   * Read, change and write in one transaction, so that no other tab comes between.
   * @param {string} store
   * @param {string} key
   * @param {(former: any) => any} change must not wait for anything; undefined deletes the record
   * @param {{store: string, key: string}} [ended] a record of another store that goes in the same transaction
   */
  async update(store, key, change, ended) {
    await this.#write(ended ? [store, ended.store] : store, (records) => {
      if (ended) records.transaction.objectStore(ended.store).delete(ended.key);
      const reading = records.get(key);
      reading.onsuccess = () => {
        const record = change(reading.result);
        if (record === undefined) records.delete(key);
        else records.put(record, key);
      };
    });
  }

  /** @param {string | string[]} stores @param {(records: IDBObjectStore) => unknown} work with those of the first */
  async #write(stores, work) {
    const transaction = this.#db.transaction(stores, "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(transaction.error);
    });
    work(transaction.objectStore([stores].flat()[0]));
    await done; // what is written counts when the transaction is complete, not when its request succeeds
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
