import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const sources = ['@gradcam/source', 'module', 'node', 'import', 'default'];

/** The files of the demo that the published command brings, because `fetch demo-resnet` reads them. */
const demoFiles = [
  'weights/demo-resnet.tar.gz',
  'weights/demo-vgg.npy',
  'words/vqa/demo-vqa.keras',
  'words/vqa/gradcam.json',
  'words/caption/demo-caption.onnx',
  'words/caption/gradcam.json',
  'scenes/cat-and-dog.png',
];

/** Copies the demo nets and a scene into the package. */
const copyDemo: Plugin = {
  name: 'copy-demo',
  closeBundle() {
    const to = new URL('./demo/', import.meta.url);
    rmSync(to, { recursive: true, force: true });
    mkdirSync(to);
    for (const file of demoFiles) {
      cpSync(new URL(`../../demo/${file}`, import.meta.url), new URL(file, to));
    }
  },
};

/**
 * The command in few files: Node reads and links some 350 modules of ours one by one otherwise, once for the
 * command and once for the thread of the model (`gradcam explain` of one image: 1.25 to 0.84 s). What comes
 * from npm stays outside.
 */
export default defineConfig({
  plugins: [copyDemo],
  publicDir: false,
  resolve: { conditions: sources },
  ssr: { noExternal: [/^@gradcam\//], resolve: { conditions: sources } },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'bundle',
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: {
        main: fileURLToPath(new URL('./src/main.ts', import.meta.url)),
        // Started by its address, beside the file that starts it.
        'thread-main': fileURLToPath(new URL('./src/model-thread/thread-main.ts', import.meta.url)),
      },
      // Relative and absolute paths are files of ours.
      external: (id) => !/^[./]|^@gradcam\//.test(id) && !isAbsolute(id),
      // No comment before each module that names its file: these comments were 1.6 % of the bytes.
      experimental: { attachDebugInfo: 'none' },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
