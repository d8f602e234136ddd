/** Receives an artifact's files of a few MiB each: a folder, or memory. */
export interface ArtifactSink {
  /** Starts a file. Names are base names without a folder. */
  createFile(name: string): Promise<ArtifactFile>;
  /** Waits until all closed files are stored permanently. */
  settle(): Promise<void>;
}

/** A file that is written from front to back. */
export interface ArtifactFile {
  /** Appends bytes. The caller must not change them before the file is settled. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Ends the file and returns the sha256 of its bytes in hexadecimal. The next file may begin before the
   * promise resolves.
   */
  close(): Promise<string>;
}
