/** Where an artifact's files, of a few MiB each, go: a folder, or memory. */
export interface ArtifactSink {
  /** Starts a file; names are plain base names. */
  createFile(name: string): Promise<ArtifactFile>;
  /** Waits until all closed files are stored for good. */
  settle(): Promise<void>;
}

/** A file being written from front to back. */
export interface ArtifactFile {
  /** Appends bytes, which must not change before the file is settled. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Ends the file and gives the sha256 of its bytes, in hexadecimal. The next file may be begun before
   * that is there.
   */
  close(): Promise<string>;
}
