import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/**
 * Shows the camera's image until a picture is taken. The camera is switched off as soon as the dialog
 * closes.
 */
export function CameraDialog(props: { onTaken: (picture: Blob) => void; onClose: () => void }) {
  const { onTaken, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<'starting' | 'on' | { readonly failed: string }>('starting');

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  useEffect(() => {
    let stream: MediaStream | null = null;
    let isOpen = true;
    const start = async (): Promise<void> => {
      // `mediaDevices` exists only on secure pages, although the types say that it is always there.
      const devices = navigator.mediaDevices as MediaDevices | undefined;
      if (devices === undefined) throw new Error('this page is not served securely');
      stream = await devices.getUserMedia({ video: { facingMode: 'environment' } });
      if (!isOpen || video.current === null) return stopStream(stream);
      video.current.srcObject = stream;
      await video.current.play();
      setState('on');
    };
    start().catch((error: unknown) => {
      if (isOpen) setState({ failed: describeCameraError(error) });
    });
    return () => {
      isOpen = false;
      if (stream !== null) stopStream(stream);
    };
  }, []);

  const take = async (): Promise<void> => {
    const { videoWidth, videoHeight } = video.current!;
    const canvas = new OffscreenCanvas(videoWidth, videoHeight);
    canvas.getContext('2d')?.drawImage(video.current!, 0, 0);
    onTaken(await canvas.convertToBlob({ type: 'image/png' }));
  };
  return (
    <dialog
      ref={dialog}
      class="dialog camera"
      aria-labelledby="camera-title"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id="camera-title">Camera</h2>
      {typeof state === 'object' && (
        <p class="message message-bad" role="alert">
          {state.failed}
        </p>
      )}
      <video ref={video} muted playsInline hidden={typeof state === 'object'} />
      <div class="dialog-buttons">
        <button
          type="button"
          class="button button-main"
          disabled={state !== 'on'}
          onClick={() => void take()}
        >
          Take picture
        </button>
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </div>
    </dialog>
  );
}

function stopStream(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function describeCameraError(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError') {
    return 'The camera may not be used: allow it for this page in the browser.';
  }
  if (name === 'NotFoundError') return 'There is no camera on this device.';
  return `The camera does not start: ${error instanceof Error ? error.message : String(error)}`;
}
