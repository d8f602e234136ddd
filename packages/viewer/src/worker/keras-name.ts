/** Names of whole models of Keras, which the page converts when it opens them. */
export const kerasName = /\.(keras|h5|hdf5)$/i;
