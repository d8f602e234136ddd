document.title = 'gradcam';
