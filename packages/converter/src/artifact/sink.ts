/** Where an artifact's files go: a folder, or memory. */
export interface ArtifactSink {
  /** Starts a file; names are plain base names. */
  createFile(name: string): Promise<ArtifactFile>;
  /** Waits until all closed files are stored for good. */
  settle(): Promise<void>;
}

/** A file being written from front to back. */
export interface ArtifactFile {
  /** Appends bytes; they may be reused by the caller once the promise is resolved. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the file and gives the sha256 of its bytes, in hexadecimal. */
  close(): Promise<string>;
}
