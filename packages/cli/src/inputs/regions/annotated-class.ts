import type { TrueRegion } from '@gradcam/core/evidence';
import type { ModelClasses } from '../class-name.ts';

/** A class of the model that is annotated in an image, with the region of its objects. */
export interface AnnotatedClass {
  readonly index: number;
  readonly label?: string;
  /** In pixels of the image. */
  readonly region: TrueRegion;
}

/** The size of an image in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** Annotations of a folder of images. */
export interface Annotations {
  /**
   * The sha256, in hex, of the annotations' content. Results made with other annotations belong to another
   * evaluation.
   */
  readonly digest: string;
  /** `coco`, `voc` or `masks`. */
  readonly kind: string;
  /**
   * Finds the annotated classes of an image, each once. The list is empty if nothing is annotated.
   *
   * @throws GradcamError `image` for annotations that do not fit the image, such as another size.
   */
  find(image: string, size: PixelSize): Promise<readonly AnnotatedClass[]>;
}

/** Everything that reading annotations needs in addition to the file. */
export interface AnnotationContext extends ModelClasses {
  /** Receives one message for each name that is not a class of the model. */
  readonly note: (text: string) => void;
}
