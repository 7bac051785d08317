using 'main.bicep'

// Set by azd.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param principalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param principalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User')

// Set by you: azd env set NAME VALUE. docs/configuration.md has the table.
param keys = toObject(
  filter(split(readEnvironmentVariable('LEYDEN_KEYS', ''), ';'), entry => !empty(entry)),
  entry => split(entry, '=')[0],
  entry => last(split(entry, '='))
)
param eachlabsKey = readEnvironmentVariable('EACHLABS_API_KEY', '')
param hasEachlabsKey = !empty(readEnvironmentVariable('EACHLABS_API_KEY', ''))
param gpuType = readEnvironmentVariable('LEYDEN_GPU', 'none')
param containerImage = readEnvironmentVariable('LEYDEN_CONTAINER_IMAGE', '')
param kind = readEnvironmentVariable('LEYDEN_CONTAINER_KIND', 'cog')
param containerRegistryId = readEnvironmentVariable('LEYDEN_CONTAINER_REGISTRY_ID', '')
param gpuMaxReplicas = int(readEnvironmentVariable('LEYDEN_GPU_MAX_REPLICAS', '1'))
param gpuPricePerSecond = readEnvironmentVariable('LEYDEN_GPU_PRICE_PER_SECOND', '')
param modelFolder = readEnvironmentVariable('LEYDEN_MODEL_FOLDER', '')
param modelSha256 = readEnvironmentVariable('LEYDEN_MODEL_SHA256', '')
param networkMode = readEnvironmentVariable('LEYDEN_NETWORK', 'private')
param containerAuthClientId = readEnvironmentVariable('LEYDEN_CONTAINER_AUTH_CLIENT_ID', '')
param durable = readEnvironmentVariable('LEYDEN_DURABLE_BACKEND', 'AzureStorage')
param retentionDays = int(readEnvironmentVariable('LEYDEN_RETENTION_DAYS', '30'))
param corsOrigins = filter(split(readEnvironmentVariable('LEYDEN_CORS_ORIGINS', ''), ','), origin => !empty(origin))
param maxInstances = int(readEnvironmentVariable('LEYDEN_MAX_INSTANCES', '40'))
param alwaysReadyInstances = int(readEnvironmentVariable('LEYDEN_ALWAYS_READY_INSTANCES', '1'))
param alertEmail = readEnvironmentVariable('LEYDEN_ALERT_EMAIL', '')
