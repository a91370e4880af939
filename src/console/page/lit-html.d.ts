// The service serves lit-html's own file under this name, since browsers know no packages.
export * from 'lit-html';
