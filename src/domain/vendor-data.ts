/** The parts of vendor data that cloud-init takes: scripts and configurations, as in user data. */
export function cloudInitParts(vendorData: object | null): string[] {
  const { 'cloud-init': given }: { 'cloud-init'?: unknown } = vendorData ?? {};
  return [given].flat().filter((each): each is string => typeof each === 'string');
}

/** Vendor data with a script after what the owner set. cloud-init takes a list of parts as it takes one (convert_vendordata). */
export function withScript(vendorData: object | null, script: string): object {
  const own = cloudInitParts(vendorData);
  return { ...vendorData, 'cloud-init': own.length === 0 ? script : [...own, script] };
}
